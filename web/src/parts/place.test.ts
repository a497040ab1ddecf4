import { describe, expect, it } from "vitest";
import { placeOf } from "./place";

const say = { page: (page: number) => `p. ${page}`, lines: (first: number, last: number) => `lines ${first}-${last}` };

describe("the place of a passage", () => {
  it("is its page in a paper", () => {
    expect(placeOf({ page: 3, heading: null, first_line: null, last_line: null }, say)).toEqual(["p. 3"]);
  });

  it("is its symbol and its lines in code", () => {
    const passage = { page: null, heading: "class Crane > def lift", first_line: 10, last_line: 42 };
    expect(placeOf(passage, say)).toEqual(["class Crane > def lift", "lines 10-42"]);
  });

  it("may be unknown", () => {
    expect(placeOf({ page: null, heading: null, first_line: null, last_line: null }, say)).toEqual([]);
  });
});
