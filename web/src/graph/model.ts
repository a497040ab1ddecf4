/** The drawn part of a project's graph, which grows as somebody looks around in it. */
import Graph from "graphology";
import type { GraphNode, Subgraph } from "../api/types";

export interface NodeLook {
  x: number;
  y: number;
  size: number;
  label: string;
  kind: string;
  degree: number;
}

export interface EdgeLook {
  kind: string;
  weight: number;
}

export type Drawn = Graph<NodeLook, EdgeLook>;

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

export function emptyGraph(): Drawn {
  return new Graph<NodeLook, EdgeLook>({ type: "undirected", multi: true });
}

/** Adds what is not there yet, near `around` where that is given; answers the ids of the nodes that are new. */
export function grow(graph: Drawn, part: Subgraph, around: string | null): string[] {
  const centre = around && graph.hasNode(around) ? graph.getNodeAttributes(around) : { x: 0, y: 0 };
  const spread = around ? 4 : 10;
  const added = part.nodes.filter((node) => !graph.hasNode(node.id));
  added.forEach((node, index) => {
    const radius = spread * Math.sqrt(index + 1);
    graph.addNode(node.id, {
      x: centre.x + radius * Math.cos(index * GOLDEN_ANGLE),
      y: centre.y + radius * Math.sin(index * GOLDEN_ANGLE),
      ...looks(node),
    });
  });
  for (const edge of part.edges) {
    if (!graph.hasEdge(edge.id) && graph.hasNode(edge.source) && graph.hasNode(edge.target)) {
      graph.addUndirectedEdgeWithKey(edge.id, edge.source, edge.target, { kind: edge.kind, weight: edge.weight ?? 1 });
    }
  }
  return added.map((node) => node.id);
}

/** Node ids of a kind, the best connected first. */
export function byWeight(graph: Drawn, kind: string): string[] {
  return graph
    .filterNodes((_, node) => node.kind === kind)
    .sort((a, b) => graph.getNodeAttribute(b, "degree") - graph.getNodeAttribute(a, "degree") || (a < b ? -1 : 1));
}

export function kindsIn(graph: Drawn): Map<string, number> {
  const counts = new Map<string, number>();
  graph.forEachNode((_, { kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return new Map([...counts].sort((a, b) => order(a[0]) - order(b[0])));
}

const FACTS = ["Method", "Finding", "Problem", "Dataset", "Metric", "Limitation"];
const ORDER = ["Document", "Concept", ...FACTS, "Author", "Venue", "Collection", "Tag", "Repository"];

function order(kind: string): number {
  const at = ORDER.indexOf(kind);
  return at < 0 ? ORDER.length : at;
}

function looks(node: GraphNode): Omit<NodeLook, "x" | "y"> {
  const base = node.kind === "Document" ? 4 : 2.5;
  return { size: Math.min(18, base + 0.9 * Math.sqrt(node.degree)), label: node.name, kind: node.kind, degree: node.degree };
}
