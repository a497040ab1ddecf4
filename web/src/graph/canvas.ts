/** The drawing: sigma with the page's colours, what is chosen brought forward and the rest dimmed. */
import Sigma from "sigma";
import { drawDiscNodeLabel } from "sigma/rendering";
import { colour } from "../parts/theme";
import type { Drawn, EdgeLook, NodeLook } from "./model";

export interface Shown {
  hidden: ReadonlySet<string>;
  chosen: string | null;
}

export class Canvas {
  private readonly sigma: Sigma<NodeLook, EdgeLook>;
  private hovered: string | null = null;
  private near: ReadonlySet<string> = new Set();
  private colours = new Map<string, string>();

  constructor(
    private readonly graph: Drawn,
    place: HTMLElement,
    private readonly shown: () => Shown,
    choose: (node: string | null) => void,
  ) {
    this.sigma = new Sigma(graph, place, {
      allowInvalidContainer: true,
      labelFont: "system-ui, sans-serif",
      labelSize: 12,
      labelWeight: "500",
      labelDensity: 0.8,
      labelGridCellSize: 90,
      labelRenderedSizeThreshold: 5,
      zIndex: true,
      defaultDrawNodeHover: (context, data, settings) => {
        context.beginPath();
        context.arc(data.x, data.y, data.size + 3, 0, 2 * Math.PI);
        context.strokeStyle = colour("ink");
        context.lineWidth = 1.5;
        context.stroke();
        drawDiscNodeLabel(context, data, settings);
      },
      nodeReducer: (node, look) => this.node(node, look),
      edgeReducer: (edge, look) => this.edge(edge, look),
    });
    this.recolour();
    this.sigma.on("clickNode", ({ node }) => choose(node));
    this.sigma.on("clickStage", () => choose(null));
    this.sigma.on("enterNode", ({ node }) => this.point(node));
    this.sigma.on("leaveNode", () => this.point(null));
  }

  /** After a change of theme. */
  recolour(): void {
    this.colours.clear();
    this.sigma.setSetting("labelColor", { color: colour("ink") });
    this.refresh();
  }

  refresh(): void {
    const centre = this.hovered ?? this.shown().chosen;
    this.near = new Set(centre && this.graph.hasNode(centre) ? [centre, ...this.graph.neighbors(centre)] : []);
    this.sigma.refresh();
  }

  /** Moves the camera to a node. */
  goTo(node: string): void {
    const data = this.sigma.getNodeDisplayData(node);
    if (!data) return;
    const ratio = Math.min(this.sigma.getCamera().ratio, 0.6);
    void this.sigma.getCamera().animate({ x: data.x, y: data.y, ratio }, { duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350 });
  }

  showAll(): void {
    void this.sigma.getCamera().animatedReset({ duration: 250 });
  }

  zoom(factor: number): void {
    void this.sigma.getCamera().animate({ ratio: this.sigma.getCamera().ratio * factor }, { duration: 150 });
  }

  destroy(): void {
    this.sigma.kill();
  }

  private point(node: string | null): void {
    this.hovered = node;
    this.refresh();
  }

  private node(node: string, look: NodeLook) {
    const { hidden, chosen } = this.shown();
    if (hidden.has(look.kind)) return { ...look, hidden: true };
    const centre = this.hovered ?? chosen;
    const away = centre !== null && this.near.size > 0 && !this.near.has(node);
    return {
      ...look,
      color: away ? this.colour("faded") : this.colour(`kind-${look.kind.toLowerCase()}`),
      label: away ? "" : look.label,
      forceLabel: node === chosen || (centre !== null && this.near.has(node) && this.near.size < 25),
      highlighted: node === chosen,
      zIndex: away ? 0 : 1,
    };
  }

  private edge(edge: string, look: object) {
    const centre = this.hovered ?? this.shown().chosen;
    const touches = centre !== null && this.graph.hasNode(centre) && this.graph.extremities(edge).includes(centre);
    if (centre !== null && this.near.size && !touches) return { ...look, color: this.colour("edge-faded"), size: 0.4 };
    return { ...look, color: this.colour(touches ? "edge-near" : "edge"), size: touches ? 1.6 : 0.7, zIndex: touches ? 1 : 0 };
  }

  private colour(name: string): string {
    let value = this.colours.get(name);
    if (value === undefined) {
      value = colour(name) || colour("kind-other");
      this.colours.set(name, value);
    }
    return value;
  }
}
