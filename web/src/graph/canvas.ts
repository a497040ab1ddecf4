/** The drawing: sigma with the page's colours, what is chosen brought forward and the rest dimmed. */
import Sigma from "sigma";
import { colour } from "../parts/theme";
import type { Drawn, EdgeLook, NodeLook } from "./model";

export interface Shown {
  hidden: ReadonlySet<string>;
  chosen: string | null;
}

/** Somewhat more than all, so that the legend covers nothing. */
const AT_FIRST = 1.15;
const CROWDED = 300;
const MANY_EDGES = 2500;
const LABEL_HEIGHT = 15;
const LONGEST_LABEL = 34;
const LONGEST_WHOLE = 90;

interface Labelled {
  label: string | null;
  x: number;
  y: number;
  size: number;
}

export class Canvas {
  private readonly sigma: Sigma<NodeLook, EdgeLook>;
  private hovered: string | null = null;
  private near: ReadonlySet<string> = new Set();
  /** Where labels stand in this frame. */
  private labelled: { left: number; right: number; y: number }[] = [];
  private scale = 1;
  private edges = "edge";
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
      labelRenderedSizeThreshold: 5,
      zIndex: true,
      defaultDrawNodeHover: (context, data, settings) => {
        context.beginPath();
        context.arc(data.x, data.y, data.size + 3, 0, 2 * Math.PI);
        context.strokeStyle = colour("ink");
        context.lineWidth = 1.5;
        context.stroke();
        this.label(context, data, settings.labelFont, true);
      },
      defaultDrawNodeLabel: (context, data, settings) => this.label(context, data, settings.labelFont, false),
      nodeReducer: (node, look) => this.node(node, look),
      edgeReducer: (edge, look) => this.edge(edge, look),
    });
    this.sigma.getCamera().setState({ ratio: AT_FIRST });
    this.sigma.on("beforeRender", () => {
      this.labelled = [];
    });
    this.sigma.on("clickNode", ({ node }) => choose(node));
    this.sigma.on("clickStage", () => choose(null));
    this.sigma.on("enterNode", ({ node }) => this.point(node));
    this.sigma.on("leaveNode", () => this.point(null));
  }

  /** After the graph has grown: the more there is, the finer it is drawn. */
  fit(): void {
    const crowded = this.graph.order > CROWDED;
    this.scale = crowded ? Math.max(0.45, Math.sqrt(CROWDED / this.graph.order)) : 1;
    this.edges = this.graph.size > MANY_EDGES ? "edge-faint" : "edge";
    this.sigma.setSetting("labelDensity", crowded ? 0.35 : 0.8);
    this.sigma.setSetting("labelGridCellSize", crowded ? 130 : 90);
    this.sigma.setSetting("hideEdgesOnMove", this.graph.size > MANY_EDGES);
    this.sigma.setSetting("labelRenderedSizeThreshold", crowded ? 6 * this.scale : 5);
  }

  /** After a change of theme. */
  recolour(): void {
    this.colours.clear();
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
    void this.sigma.getCamera().animate({ x: 0.5, y: 0.5, ratio: AT_FIRST, angle: 0 }, { duration: 250 });
  }

  zoom(factor: number): void {
    void this.sigma.getCamera().animate({ ratio: this.sigma.getCamera().ratio * factor }, { duration: 150 });
  }

  destroy(): void {
    this.sigma.kill();
  }

  /** With a rim of the paper's colour, so that it can be read over edges; left out where another one stands. */
  private label(context: CanvasRenderingContext2D, data: Labelled, font: string, foremost: boolean): void {
    if (!data.label) return;
    const longest = foremost ? LONGEST_WHOLE : LONGEST_LABEL;
    const text = data.label.length > longest ? `${data.label.slice(0, longest - 1).trimEnd()}…` : data.label;
    context.font = `500 12px ${font}`;
    const right = data.x + data.size + 4 + context.measureText(text).width;
    const taken = this.labelled.some((box) => Math.abs(box.y - data.y) < LABEL_HEIGHT && box.left < right && data.x < box.right);
    if (taken && !foremost) return;
    this.labelled.push({ left: data.x, right, y: data.y });
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.colour("paper");
    context.strokeText(text, data.x + data.size + 4, data.y + 4);
    context.fillStyle = this.colour("ink");
    context.fillText(text, data.x + data.size + 4, data.y + 4);
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
      size: look.size * this.scale,
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
    return { ...look, color: this.colour(touches ? "edge-near" : this.edges), size: touches ? 1.6 : 0.7, zIndex: touches ? 1 : 0 };
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
