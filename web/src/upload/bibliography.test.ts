import { describe, expect, it } from "vitest";
import { isBibliography } from "./bibliography";

const told = (name: string, text: string) => isBibliography(new File([text], name));

describe("a bibliography", () => {
  it("is told by its name", async () => expect([await told("thesis.BIB", ""), await told("export.ris", ""), await told("notes.txt", "")]).toEqual([true, true, false]));
  it("is, as JSON, what begins with a reference", async () => {
    const reference = { id: "a", type: "article-journal", title: 'A "quoted" {title}', author: [{ family: "Example" }] };
    expect(await told("csl.json", JSON.stringify([reference, reference], null, 2))).toBe(true);
    expect(await told("csl.json", JSON.stringify({ items: [reference] }))).toBe(true);
  });
  it("is no other JSON", async () => {
    for (const text of ['{"type": "FeatureCollection"}', '[{"type": "user", "id": 1}]', "[1, 2]", "[{", ""]) expect(await told("data.json", text)).toBe(false);
  });
});
