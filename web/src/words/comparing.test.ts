import { describe, expect, it } from "vitest";
import type { Comparison, QuestionGroup, Variant } from "../api/types";
import { best, interval, rowsOf, settingsOf, told } from "./comparing";
import { en } from "./en";
import { ko } from "./ko";

function group(kind: QuestionGroup["kind"], language: QuestionGroup["language"], mean: number): QuestionGroup {
  const estimate = { value: mean, low: mean / 2, high: 1 };
  return { kind, language, questions: 7, measures: { recall_1: estimate, recall_10: estimate, mrr: estimate, ndcg_10: estimate } };
}

function variant(name: string, state: Variant["state"], groups?: QuestionGroup[]): Variant {
  const retrieval = groups ? { model: "m", groups } : null;
  return { name, state, settings: { name, passage: 1800, concepts: 15, partners: 10 }, steps: [], measures: { retrieval } } as Variant;
}

const viewOf = (state: Comparison["state"], ...variants: Variant[]) => ({ state, variants }) as Comparison;

describe("a comparison", () => {
  const measured = variant("usual", "succeeded", [group("sentence", "ko", 0.5), group("title", "en", 0.5), group("title", "ko", 0.5)]);
  const other = variant("long", "succeeded", [group("title", "en", 0.75), group("title", "ko", 0.5)]);

  it("says how many of its variants have ended, in both languages", () => {
    const view = viewOf("running", measured, variant("short", "running"), variant("long", "queued"));
    expect([told(view, en, "en"), told(view, ko, "ko")]).toEqual(["1 of 3 variants has ended.", "변형 3개 중 1개가 끝났습니다."]);
  });
  it("tells of the variants that are measured although another failed", () =>
    expect(told(viewOf("partially_succeeded", measured, other, variant("x", "failed")), en, "en")).toMatch(/^2 of 3 variants are measured\./));
  it("keeps languages apart, and kinds of questions in one order", () => {
    const rows = rowsOf(viewOf("succeeded", measured, other, variant("x", "failed")));
    expect([...rows].map(([language, some]) => [language, some.map(({ kind, measures }) => [kind, measures.size])])).toEqual([
      ["en", [["title", 2]]],
      ["ko", [["title", 2], ["sentence", 1]]],
    ]);
    expect(best(rows.get("en")![0]!, "mrr")).toBe(0.75);
  });
  it("calls none the best where all are equal", () => expect(best(rowsOf(viewOf("succeeded", measured, other)).get("ko")![0]!, "mrr")).toBeNull());
  it("writes a mean with its interval", () => expect(interval({ value: 0.5, low: 0.25, high: 1 })).toBe("0.500 [0.250, 1.000]"));
  it("names the settings of a variant", () => expect(settingsOf(other, en, "en")).toBe("passage 1,800, concepts 15, partners 10"));
});
