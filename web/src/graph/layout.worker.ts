/** ForceAtlas2 away from the page's own thread. */
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";

export interface Task {
  /** x and y of each node. */
  positions: Float32Array;
  sizes: Float32Array;
  /** Indices of both ends of each edge. */
  ends: Uint32Array;
  iterations: number;
}

const AT_ONCE = 10;

self.onmessage = ({ data }: MessageEvent<Task>) => {
  const graph = new Graph({ type: "undirected", multi: true });
  for (let at = 0; at < data.sizes.length; at++) {
    graph.addNode(at, { x: data.positions[2 * at], y: data.positions[2 * at + 1], size: data.sizes[at] });
  }
  for (let at = 0; at < data.ends.length; at += 2) graph.addUndirectedEdge(data.ends[at], data.ends[at + 1]);
  const settings = {
    ...forceAtlas2.inferSettings(graph),
    linLogMode: false,
    gravity: 1.2,
    scalingRatio: 12,
    slowDown: 3 + Math.log(graph.order + 1),
    barnesHutOptimize: graph.order > 300,
    adjustSizes: false,
  };
  for (let done = 0; done < data.iterations; done += AT_ONCE) {
    forceAtlas2.assign(graph, { iterations: AT_ONCE, settings });
    const positions = new Float32Array(2 * graph.order);
    graph.forEachNode((node, { x, y }) => positions.set([x as number, y as number], 2 * Number(node)));
    self.postMessage({ positions, over: done + AT_ONCE >= data.iterations }, { transfer: [positions.buffer] });
  }
};
