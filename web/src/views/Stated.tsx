import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getEvidence } from "../api/client";
import type { Evidence } from "../api/types";
import { nameOf } from "../parts/names";
import { Problem } from "../parts/Problem";
import { words } from "../words/language";

/** The words of documents that state a node, as a language model has read them; nothing for what none has found. */
export function Stated({ project, node }: { project: string; node: string }) {
  const stated = useSignal<Evidence[]>([]);
  const problem = useSignal<Error | null>(null);
  const { graph: say } = words.value;
  useEffect(() => {
    getEvidence(project, node).then(
      ({ evidence }) => {
        stated.value = evidence;
      },
      (error: Error) => {
        problem.value = error;
      },
    );
  }, [project, node]);
  if (problem.value) return <Problem error={problem.value} />;
  if (!stated.value.length) return null;
  return (
    <>
      <h3>{say.stated}</h3>
      <ol class="passages" tabIndex={0} data-evidence={node}>
        {stated.value.map((found) => (
          <li key={`${found.document_id}/${found.part_id}/${found.ordinal}`}>
            <span class="where">{[found.title, found.page === null ? "" : say.page(found.page)].filter(Boolean).join(" · ")}</span>
            <q>{found.words}</q> <span class="quiet">{say.readBy(nameOf(found.provider), found.model, found.by_fallback)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
