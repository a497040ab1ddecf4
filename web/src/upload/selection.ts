/** What there is to bring of what somebody chose or dropped. */
import { isBibliography } from "./bibliography";

export interface Found {
  /** As chosen: with the folders above it. */
  path: string;
  file: File;
}

export type Kind = "zotero" | "bibliography" | "files";

export interface Cargo {
  kind: Kind;
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

const DIRECTORY_BYTES = 4 << 20;
const LEFT_BEHIND = new Set(["__macosx", "thumbs.db", "desktop.ini"]);
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
  const visible = found.filter(({ path }) => !path.split("/").some((part) => /^(\.|~\$)/.test(part) || LEFT_BEHIND.has(part.toLowerCase())));
  if (!visible.length) throw new BadSelection("none");
  const main = outermost(visible);
  if (!main) return batchOf(visible, await standsAlone(visible));
  const base = main.path.slice(0, main.path.length - main.file.name.length);
  const folder = base.split("/").filter(Boolean).at(-1) ?? "";
  const stem = main.file.name.replace(/\.[^.]+$/, "");
  if (/\.zip$/i.test(main.file.name)) {
    const kind = (await holdsRdf(main.file)) ? "zotero" : "files";
    return { kind, files: [{ path: normal(main.file.name), file: main.file }], name: stem, left: 0 };
  }
  const rdf = new DOMParser().parseFromString(await main.file.text(), "application/xml");
  const named = new Set(referenced(rdf).flatMap(spellings));
  const inside = visible
    .filter(({ path }) => path.startsWith(base))
    .map(({ path, file }) => ({ path: normal(path.slice(base.length)), file }));
  const files = inside.filter(({ path, file }) => file === main.file || named.has(path));
  const title = titleOf(rdf);
  return {
    kind: "zotero",
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

/** The library's own file, or a zip that was chosen alone; null where the files speak for themselves. */
function outermost(found: readonly Found[]): Found | null {
  const mains = found.filter(({ path }) => (found.length === 1 ? /\.(rdf|zip)$/i : /\.rdf$/i).test(path));
  const depth = Math.min(...mains.map(({ path }) => path.split("/").length));
  // An .rdf deeper than the folder that was chosen is a file like others.
  if (depth > 2) return null;
  const candidates = mains.filter(({ path }) => path.split("/").length === depth);
  const [first, second] = candidates;
  if (!first) return null;
  if (second) throw new BadSelection("several", candidates.map(({ file }) => file.name));
  return first;
}

/** Paths are relative to the one folder that was chosen, if it was one. */
function batchOf(found: readonly Found[], kind: Kind): Cargo {
  const [first, ...rest] = found as [Found, ...Found[]];
  const folder = first.path.includes("/") ? first.path.split("/")[0]! : "";
  const base = folder && rest.every(({ path }) => path.startsWith(`${folder}/`)) ? `${folder}/` : "";
  const files = found.map(({ path, file }) => ({ path: normal(path.slice(base.length)), file }));
  const stem = first.file.name.replace(/\.[^.]+$/, "");
  return { kind, files: files.sort((a, b) => byCodePoint(a.path, b.path)), name: base ? folder : stem, left: 0 };
}

/** A bibliography that was chosen by itself is one; among other files it is a file like them. */
async function standsAlone([first, ...rest]: readonly Found[]): Promise<Kind> {
  const alone = first !== undefined && rest.length === 0 && !first.path.includes("/");
  return alone && (await isBibliography(first.file)) ? "bibliography" : "files";
}

/** A zip lists its names, uncompressed, at its end. */
async function holdsRdf(zip: File): Promise<boolean> {
  const directory = new Uint8Array(await zip.slice(-DIRECTORY_BYTES).arrayBuffer());
  return /PK\x01\x02[^]{42}[^]{1,500}?\.rdf/i.test(new TextDecoder("latin1").decode(directory));
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
