import { words } from "../words/language";

/** What each kind of source looks like; one that is new to this page looks like files. */
const SHAPES: Record<string, string> = {
  zotero: "M3 2.5h3v11H3zM7.5 2.5h2.5v11h-2.5zM11.2 3.6l2.1-.5l1.5 10l-2.1.5z",
  bibliography: "M3 3.5h10M3 8h10M3 12.5h6",
  files: "M4 1.8h5.5l3 3v9.4H4zM9.5 1.8v3h3",
  git: "M4.5 5.5v5M4.5 2.2a1.6 1.6 0 1 1 0 3.3a1.6 1.6 0 1 1 0-3.3M4.5 10.5a1.6 1.6 0 1 1 0 3.3a1.6 1.6 0 1 1 0-3.3M11.5 2.2a1.6 1.6 0 1 1 0 3.3a1.6 1.6 0 1 1 0-3.3M11.5 5.5c0 3-3 3-7 4.2",
};

export function KindIcon({ kind }: { kind: string }) {
  const name = words.value.kinds[kind] ?? kind;
  return (
    <svg class="kind" viewBox="0 0 16 16" role="img" aria-label={name}>
      <title>{name}</title>
      <path d={SHAPES[kind] ?? SHAPES["files"]} />
    </svg>
  );
}
