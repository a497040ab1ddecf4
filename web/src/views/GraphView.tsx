import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { getGraph, getNeighbours, path } from "../api/client";
import { Canvas } from "../graph/canvas";
import { arrange } from "../graph/layout";
import { emptyGraph, grow, kindsIn } from "../graph/model";
import { Problem } from "../parts/Problem";
import { dark } from "../parts/theme";
import { navigate, to } from "../router";
import { language, words } from "../words/language";
import { count } from "../words/numbers";
import { GraphLists } from "./GraphLists";
import { Legend, oneOf } from "./Legend";
import { NodePanel } from "./NodePanel";

const EXPORTS = [
  ["graphml", "GraphML"],
  ["csl-json", "CSL-JSON"],
  ["jsonl", "JSON Lines"],
] as const;
const MOST_NODES = 2000;
const MOST_NEIGHBOURS = 60;

export function GraphView({ project, focus }: { project: string; focus: string | null }) {
  const graph = useMemo(emptyGraph, [project]);
  const place = useRef<HTMLDivElement>(null);
  const canvas = useRef<Canvas | null>(null);
  const stop = useRef<() => void>(() => undefined);
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const chosen = useSignal<string | null>(null);
  const version = useSignal(0);
  const state = useSignal<"loading" | "laying" | "ready">("loading");
  const truncated = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const kinds = useComputed(() => (version.value, kindsIn(graph)));

  const lay = () => {
    stop.current();
    canvas.current?.fit();
    state.value = "laying";
    stop.current = arrange(graph, () => {
      state.value = "ready";
      if (chosen.value) canvas.current?.goTo(chosen.value);
    });
  };
  const expand = async (node: string) => {
    try {
      const added = grow(graph, await getNeighbours(project, node, MOST_NEIGHBOURS), node);
      version.value += 1;
      if (added.length) lay();
    } catch (error) {
      problem.value = error as Error;
    }
  };
  const choose = async (node: string | null) => {
    if (node !== null && !graph.hasNode(node)) await expand(node);
    if (node !== null && !graph.hasNode(node)) return;
    chosen.value = node;
    navigate(to.graph(project, node ?? undefined), true);
    if (node) canvas.current?.goTo(node);
  };

  useEffect(() => {
    let gone = false;
    const load = async () => {
      try {
        const part = await getGraph(project, MOST_NODES);
        if (gone) return;
        grow(graph, part, null);
        truncated.value = part.truncated;
        version.value += 1;
        lay();
        if (focus) await choose(focus);
      } catch (error) {
        problem.value = error as Error;
        state.value = "ready";
      }
    };
    canvas.current = new Canvas(
      graph,
      place.current!,
      () => ({ hidden: hidden.peek(), chosen: chosen.peek() }),
      (node) => void choose(node),
    );
    void load();
    return () => {
      gone = true;
      stop.current();
      canvas.current?.destroy();
    };
  }, [project]);
  useSignalEffect(() => {
    void [hidden.value, chosen.value];
    canvas.current?.refresh();
  });
  useSignalEffect(() => {
    void dark.value;
    canvas.current?.recolour();
  });

  const { graph: say } = words.value;
  const empty = state.value !== "loading" && graph.order === 0;
  return (
    <div class="graph" data-state={state.value} data-nodes={version.value ? graph.order : 0}>
      <h1 class="sr">{say.title}</h1>
      <div class="graph-stage">
        <div ref={place} class="canvas" role="img" aria-label={say.canvas} />
        <Legend kinds={kinds.value} hidden={hidden} />
        <p class="graph-facts" role="status">
          {state.value === "laying" ? say.laying : state.value === "loading" ? words.value.loading : ""}{" "}
          {version.value > 0 && say.shown(count(graph.order, language.value), count(graph.size, language.value))}
          {truncated.value && ` · ${say.truncated(count(MOST_NODES, language.value))}`}
        </p>
        <div class="zoom buttons">
          <button type="button" class="small" aria-label="+" onClick={() => canvas.current?.zoom(0.7)}>
            +
          </button>
          <button type="button" class="small" aria-label="−" onClick={() => canvas.current?.zoom(1.4)}>
            −
          </button>
          <button type="button" class="small" onClick={() => canvas.current?.showAll()}>
            {say.whole}
          </button>
        </div>
        {empty && !problem.value && <p class="empty over-canvas">{say.empty}</p>}
      </div>
      <aside class="graph-side">
        {problem.value && <Problem error={problem.value} />}
        <GraphLists graph={graph} version={version.value} choose={(node) => void choose(node)}>
          {chosen.value && graph.hasNode(chosen.value) && (
            <NodePanel
              key={chosen.value}
              project={project}
              graph={graph}
              version={version.value}
              node={chosen.value}
              kind={oneOf(graph.getNodeAttribute(chosen.value, "kind"))}
              choose={(node) => void choose(node)}
              expand={() => void expand(chosen.value!)}
            />
          )}
        </GraphLists>
        {!empty && (
          <p class="quiet exports">
            {say.export}:{" "}
            {EXPORTS.map(([format, name]) => (
              <a key={format} href={path(["projects", project, "graph", "export"], { format })} download>
                {name}
              </a>
            ))}
          </p>
        )}
      </aside>
    </div>
  );
}
