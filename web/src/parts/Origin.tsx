import type { Import } from "../api/types";
import { words } from "../words/language";

/** What kind of source an import reads, and where a repository is and which commit of it that is. */
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
  if (!source.repository) return null;
  const where = source.repository.url.replace(/^https?:\/\//, "").replace(/\.git$/, "");
  const what = revision?.name ?? source.repository.ref;
  return what ? `${where} · ${what}` : where;
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
