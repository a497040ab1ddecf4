import type { Import } from "../api/types";
import { words } from "../words/language";

/** What kind of source an import reads, where that is, and which commit of a repository. */
export function Origin({ view }: { view: Import }) {
  const { source, revision } = view;
  const { kinds, detail } = words.value;
  const branch = revision?.name ?? source.repository?.ref;
  return (
    <p class="origin">
      {kinds[source.kind] ?? source.kind}
      {source.repository && (
        <>
          {": "}
          <a href={source.repository.url} target="_blank" rel="noreferrer">
            {source.repository.url} ↗
          </a>
        </>
      )}
      {source.library && (
        <>
          {": "}
          <a href={`https://www.zotero.org/${source.library.library}`} target="_blank" rel="noreferrer">
            {online(source.library)} ↗
          </a>
        </>
      )}
      {branch && branch !== revision?.commit && <span>, {branch}</span>}
      {revision && (
        <span>
          , {detail.commit} <code title={revision.commit}>{short(revision.commit)}</code>
        </span>
      )}
    </p>
  );
}

/** The same in few words; null where the kind's sign says enough. */
export function place({ source, revision }: Import): string | null {
  if (source.library) return `zotero.org/${online(source.library)}`;
  if (!source.repository) return null;
  const where = source.repository.url.replace(/^https?:\/\//, "").replace(/\.git$/, "");
  const what = revision?.name ?? source.repository.ref;
  return what ? `${where} · ${what}` : where;
}

function online({ library, collection }: NonNullable<Import["source"]["library"]>): string {
  return collection ? `${library}/collections/${collection}` : library;
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
