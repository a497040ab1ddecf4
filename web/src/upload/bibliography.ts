/** Which files are bibliographies, as the command tells it. */

/** The types of CSL 1.0.2. */
const CSL_TYPES = new Set(
  (
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset document entry " +
    "entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation manuscript map motion_picture " +
    "musical_score pamphlet paper-conference patent performance periodical personal_communication post post-weblog regulation report review " +
    "review-book software song speech standard thesis treaty webpage"
  ).split(" "),
);
/** Of a file, in which its first record ends. */
const LOOKED_AT = 1 << 20;

/** By its name; of JSON, which may be anything, the first member of the array decides. */
export async function isBibliography(file: File): Promise<boolean> {
  if (/\.(bib|ris)$/i.test(file.name)) return true;
  if (!/\.json$/i.test(file.name)) return false;
  return isReference(firstMember(await file.slice(0, LOOKED_AT).text()));
}

function isReference(member: unknown): boolean {
  if (typeof member !== "object" || member === null) return false;
  const { type } = member as { type?: unknown };
  return typeof type === "string" && CSL_TYPES.has(type) && ["id", "title", "DOI"].some((name) => name in member);
}

/** The first object of an array, or of the array `items` in an object; undefined where there is none. */
function firstMember(text: string): unknown {
  const begun = /^\s*(?:\{\s*"items"\s*:\s*)?\[\s*(?=\{)/.exec(text);
  if (!begun) return undefined;
  const start = begun[0].length;
  let depth = 0;
  for (const { 0: token, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\[^])*"|[{}]/g)) {
    depth += token === "{" ? 1 : token === "}" ? -1 : 0;
    if (depth === 0) return parsed(text.slice(start, start + index + 1));
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
