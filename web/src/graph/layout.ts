import type { Task } from "./layout.worker";
import type { Drawn } from "./model";

/** Arranges a graph step by step; answers a function that stops it. */
export function arrange(graph: Drawn, settled: () => void): () => void {
  const nodes = graph.nodes();
  if (!nodes.length) {
    settled();
    return () => undefined;
  }
  const index = new Map(nodes.map((node, at) => [node, at]));
  const task: Task = {
    positions: Float32Array.from(nodes.flatMap((node) => [graph.getNodeAttribute(node, "x"), graph.getNodeAttribute(node, "y")])),
    sizes: Float32Array.from(nodes, (node) => graph.getNodeAttribute(node, "size")),
    ends: Uint32Array.from(graph.mapEdges((_, __, source, target) => [index.get(source)!, index.get(target)!]).flat()),
    iterations: nodes.length < 400 ? 400 : nodes.length < 1500 ? 240 : 150,
  };
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  worker.onmessage = ({ data }: MessageEvent<{ positions: Float32Array; over: boolean }>) => {
    if (data.over || !calm) {
      graph.updateEachNodeAttributes(
        (node, look) => {
          const at = index.get(node);
          return at === undefined ? look : { ...look, x: data.positions[2 * at]!, y: data.positions[2 * at + 1]! };
        },
        { attributes: ["x", "y"] },
      );
    }
    if (data.over) {
      worker.terminate();
      settled();
    }
  };
  worker.postMessage(task);
  return () => worker.terminate();
}
