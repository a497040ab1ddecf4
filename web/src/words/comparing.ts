/** What a comparison does, and how its measures are laid out, in whatever language. */
import type { Comparison, Estimate, QuestionGroup, Variant } from "../api/types";
import type { Words } from "./en";
import { count, type Language } from "./numbers";

const KINDS: readonly QuestionGroup["kind"][] = ["title", "sentence", "sentence-document", "given"];
const LANGUAGES: readonly QuestionGroup["language"][] = ["en", "ko", "other"];
/** As the API names them, in the order of the tables. */
export const MEASURES = ["recall_1", "recall_10", "mrr", "ndcg_10"] as const;
export type MeasureName = (typeof MEASURES)[number];

export function told(view: Comparison, { comparisons: { sentences: say } }: Words, language: Language): string {
  const number = (of: (variant: Variant) => boolean) => count(view.variants.filter(of).length, language);
  const all = count(view.variants.length, language);
  switch (view.state) {
    case "queued":
      return say.queued;
    case "paused":
      return say.paused;
    case "cancelling":
      return say.cancelling;
    case "succeeded":
      return say.succeeded;
    case "partially_succeeded":
      return say.partly(number(({ state }) => state === "succeeded"), all);
    case "failed":
      return say.failed;
    case "cancelled":
      return say.cancelled;
    default:
      return say.running(number(({ state }) => state !== "queued" && state !== "running"), all);
  }
}

/** Questions of one kind in one language, with what each variant came to. */
export interface Row {
  kind: QuestionGroup["kind"];
  language: QuestionGroup["language"];
  questions: number;
  /** By the variant's name. */
  measures: ReadonlyMap<string, QuestionGroup["measures"]>;
}

/** Languages apart, each with its kinds of questions, in the same order always. */
export function rowsOf(view: Comparison): Map<Row["language"], Row[]> {
  const rows = LANGUAGES.map((language): [Row["language"], Row[]] => [
    language,
    KINDS.map((kind) => rowOf(view, kind, language)).filter(({ measures }) => measures.size),
  ]);
  return new Map(rows.filter(([, asked]) => asked.length));
}

function rowOf(view: Comparison, kind: Row["kind"], language: Row["language"]): Row {
  const found = view.variants.flatMap(({ name, measures }) => {
    const group = measures.retrieval?.groups.find((one) => one.kind === kind && one.language === language);
    return group ? [{ name, group }] : [];
  });
  return { kind, language, questions: found[0]?.group.questions ?? 0, measures: new Map(found.map(({ name, group }) => [name, group.measures])) };
}

/** The highest of a row; null where all variants have the same. */
export function best(row: Row, measure: MeasureName): number | null {
  const values = [...row.measures.values()].map((measures) => measures[measure]?.value ?? 0);
  const top = Math.max(...values);
  return values.length > 1 && values.every((value) => value === top) ? null : top;
}

export function interval({ value, low, high }: Estimate): string {
  return `${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}

/** What a variant is read with, as far as it was said. */
export function settingsOf({ settings }: Variant, { comparisons: { settings: say } }: Words, language: Language): string {
  const { passage, concepts, partners, embedder, extractor } = settings;
  const parts = { passage: count(passage, language), concepts: count(concepts, language), partners: count(partners, language), embedder, extractor };
  return (Object.keys(parts) as (keyof typeof parts)[]).flatMap((name) => (parts[name] ? [`${say[name]} ${parts[name]}`] : [])).join(", ");
}

