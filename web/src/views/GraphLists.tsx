import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { byWeight, type Drawn } from "../graph/model";
import { language, words } from "../words/language";
import { count } from "../words/numbers";
import { kindName, oneOf } from "./Legend";

interface Props {
  graph: Drawn;
  /** Grows when the graph does. */
  version: number;
  choose: (node: string | null) => void;
  children: ComponentChildren;
}

const MOST = 40;

/** Search, what is chosen, and the concepts: the drawing for those who do not see it. */
export function GraphLists({ graph, choose, children }: Props) {
  const sought = useSignal("");
  const { graph: say } = words.value;
  const found = sought.value.trim() ? matching(graph, sought.value) : null;
  const concepts = byWeight(graph, "Concept").slice(0, MOST);
  // A library without texts has no concepts.
  const first = concepts.length ? concepts : byWeight(graph, "Document").slice(0, MOST);
  return (
    <>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          if (found?.[0]) choose(found[0]);
          sought.value = "";
        }}
      >
        <input
          type="search"
          placeholder={say.search}
          aria-label={say.search}
          value={sought.value}
          onInput={(event) => {
            sought.value = event.currentTarget.value;
          }}
        />
      </form>
      {found ? (
        found.length ? (
          <Nodes graph={graph} nodes={found} choose={(node) => {
            sought.value = "";
            choose(node);
          }} />
        ) : (
          <p class="quiet">{say.noMatch}</p>
        )
      ) : (
        <>
          {children || <p class="quiet">{say.choose}</p>}
          {!children && first.length > 0 && (
            <section>
              <h2>{concepts.length ? say.concepts : kindName("Document")}</h2>
              <Nodes graph={graph} nodes={first} choose={choose} />
            </section>
          )}
        </>
      )}
    </>
  );
}

export function Nodes({ graph, nodes, choose }: { graph: Drawn; nodes: readonly string[]; choose: (node: string) => void }) {
  const heaviest = Math.max(1, ...nodes.map((node) => graph.getNodeAttribute(node, "degree")));
  return (
    <ul class="nodes">
      {nodes.map((node) => {
        const { label, kind, degree } = graph.getNodeAttributes(node);
        return (
          <li key={node}>
            <button type="button" onClick={() => choose(node)} title={`${label} (${oneOf(kind)})`}>
              <i class={`dot kind-${kind.toLowerCase()}`} aria-hidden="true" />
              <span class="node-name">{label}</span>
              <meter min={0} max={heaviest} value={degree} aria-hidden="true" />
              <span class="quiet">{count(degree, language.value)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function matching(graph: Drawn, text: string): string[] {
  const sought = text.trim().normalize("NFKC").toLowerCase();
  const rank = (node: string) => {
    const label = graph.getNodeAttribute(node, "label").toLowerCase();
    return (label === sought ? 0 : label.startsWith(sought) ? 1 : 2) * 1e6 - graph.getNodeAttribute(node, "degree");
  };
  return graph
    .filterNodes((_, { label }) => label.normalize("NFKC").toLowerCase().includes(sought))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}
