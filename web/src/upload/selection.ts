/** What there is to bring of what somebody chose or dropped. */

export interface Found {
  /** As chosen: with the folders above it. */
  path: string;
  file: File;
}

export interface Cargo {
  /** Sorted by path; paths are relative to the folder that holds the library. */
  files: readonly Found[];
  name: string;
  /** How many files the library does not name. */
  left: number;
}

export class BadSelection extends Error {
  constructor(
    readonly code: "none" | "several",
    readonly names: readonly string[] = [],
  ) {
    super(code);
  }
}

const SAYS_NOTHING = new Set(["data", "export", "exported items", "library", "rdf", "zotero"]);
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const DC = "http://purl.org/dc/elements/1.1/";
const ZOTERO = "http://www.zotero.org/namespaces/export#";

/** Everything that lies in what was dropped, folders included. */
export async function dropped(items: DataTransferItemList): Promise<Found[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map((entry) => under(entry, "")))).flat();
}

export function chosen(files: FileList): Found[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Throws: BadSelection. */
export async function cargoOf(found: readonly Found[]): Promise<Cargo> {
  const visible = found.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX"));
  const main = outermost(visible);
  const base = main.path.slice(0, main.path.length - main.file.name.length);
  const folder = base.split("/").filter(Boolean).at(-1) ?? "";
  const stem = main.file.name.replace(/\.[^.]+$/, "");
  if (/\.zip$/i.test(main.file.name)) {
    return { files: [{ path: normal(main.file.name), file: main.file }], name: stem, left: visible.length - 1 };
  }
  const rdf = new DOMParser().parseFromString(await main.file.text(), "application/xml");
  const named = new Set(referenced(rdf).flatMap(spellings));
  const inside = visible
    .filter(({ path }) => path.startsWith(base))
    .map(({ path, file }) => ({ path: normal(path.slice(base.length)), file }));
  const files = inside.filter(({ path, file }) => file === main.file || named.has(path));
  const title = titleOf(rdf);
  return {
    files: files.sort((a, b) => byCodePoint(a.path, b.path)),
    name: title ?? (SAYS_NOTHING.has(stem.toLowerCase()) && folder ? folder : stem),
    left: visible.length - files.length,
  };
}

/** Python sorts strings by code point, JavaScript by UTF-16 unit; the manifest is the same from both. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
    if (difference) return difference;
  }
  return left.length - right.length;
}

function outermost(found: readonly Found[]): Found {
  const mains = found.filter(({ path }) => /\.(rdf|zip)$/i.test(path));
  const depth = Math.min(...mains.map(({ path }) => path.split("/").length));
  const candidates = mains.filter(({ path }) => path.split("/").length === depth);
  const rdfs = candidates.filter(({ path }) => /\.rdf$/i.test(path));
  const [first, second] = rdfs.length ? rdfs : candidates;
  if (!first) throw new BadSelection("none");
  if (second) throw new BadSelection("several", candidates.map(({ file }) => file.name));
  return first;
}

/** The paths that the attachments of an export name, as written. */
function referenced(rdf: Document): string[] {
  return [...rdf.getElementsByTagNameNS(ZOTERO, "Attachment")].flatMap((attachment) => [
    ...[...attachment.getElementsByTagNameNS(RDF, "resource")].map((node) => node.getAttributeNS(RDF, "resource") ?? ""),
    ...[...attachment.getElementsByTagNameNS(ZOTERO, "path")].map((node) => node.textContent ?? ""),
  ]);
}

function titleOf(rdf: Document): string | null {
  const whole = [...rdf.getElementsByTagNameNS(RDF, "Description")].find((node) => node.getAttributeNS(RDF, "about") === "");
  return whole?.getElementsByTagNameNS(DC, "title")[0]?.textContent?.trim() || null;
}

/** What a path in an export may mean: as written, and with percent escapes decoded. */
function spellings(path: string): string[] {
  try {
    return [normal(path), normal(decodeURIComponent(path))];
  } catch {
    return [normal(path)];
  }
}

function normal(path: string): string {
  const parts = path.normalize("NFC").replaceAll("\\", "/").split("/");
  return parts.filter((part) => part !== "" && part !== ".").join("/");
}

async function under(entry: FileSystemEntry, parent: string): Promise<Found[]> {
  const path = parent + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const children = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!children.length) return found;
    found.push(...(await Promise.all(children.map((child) => under(child, `${path}/`)))).flat());
  }
}
