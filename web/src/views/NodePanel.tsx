import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getDocument } from "../api/client";
import type { Document } from "../api/types";
import type { Drawn } from "../graph/model";
import { placeOf } from "../parts/place";
import { Problem } from "../parts/Problem";
import { language, words } from "../words/language";
import { count } from "../words/numbers";
import { Nodes } from "./GraphLists";
import { Stated } from "./Stated";

interface Props {
  project: string;
  graph: Drawn;
  version: number;
  node: string;
  kind: string;
  choose: (node: string | null) => void;
  expand: () => void;
}

const MOST = 60;

export function NodePanel({ project, graph, node, kind, choose, expand }: Props) {
  const { label, degree } = graph.getNodeAttributes(node);
  const { graph: say } = words.value;
  const neighbours = graph
    .neighbors(node)
    .sort((a, b) => graph.getNodeAttribute(b, "degree") - graph.getNodeAttribute(a, "degree"))
    .slice(0, MOST);
  return (
    <section class="node" data-node={node} aria-labelledby="node-title">
      <p class="crumbs">
        {kind}
        <button type="button" class="small" onClick={() => choose(null)}>
          {say.close}
        </button>
      </p>
      <h2 id="node-title">{label}</h2>
      {graph.getNodeAttribute(node, "kind") === "Document" ? (
        <Passages project={project} id={node} />
      ) : (
        <Stated project={project} node={node} />
      )}
      <div class="title">
        <h3>
          {say.neighbours} <span class="quiet">{say.degree(count(degree, language.value))}</span>
        </h3>
        <button type="button" class="small" onClick={expand}>
          {say.expand}
        </button>
      </div>
      <Nodes graph={graph} nodes={neighbours} choose={choose} />
    </section>
  );
}

function Passages({ project, id }: { project: string; id: string }) {
  const document = useSignal<Document | null>(null);
  const problem = useSignal<Error | null>(null);
  const { graph: say, loading } = words.value;
  useEffect(() => {
    getDocument(project, id).then(
      (found) => {
        document.value = found;
      },
      (error: Error) => {
        problem.value = error;
      },
    );
  }, [project, id]);
  if (problem.value) return <Problem error={problem.value} />;
  if (!document.value) return <p class="quiet">{loading}</p>;
  const { authors, year, parts } = document.value;
  const passages = parts.flatMap((part) => part.passages.map((passage) => ({ part, passage })));
  return (
    <>
      <p class="quiet">{[authors.join(", "), year].filter(Boolean).join(" · ")}</p>
      <h3>{say.passages}</h3>
      {passages.length === 0 && <p class="quiet">{say.text}</p>}
      <ol class="passages" tabIndex={0}>
        {passages.map(({ part, passage }) => (
          <li key={`${part.id}/${passage.ordinal}`}>
            <span class="where">{[passage.page === null ? part.label.split("/").at(-1) : "", ...placeOf(passage, say)].filter(Boolean).join(" · ")}</span>
            {passage.text}
          </li>
        ))}
      </ol>
    </>
  );
}
