/** What has no stream of its own: asked for every few seconds until it is settled, and again when somebody looks. */
import { type Signal, signal } from "@preact/signals";
import { ApiError, Unreachable } from "../api/client";
import type { Link } from "./connection";

const EVERY_MS = 2_000;
const HIDDEN_MS = 15_000;

export class Asking<T> {
  readonly view: Signal<T | null> = signal(null);
  readonly problem: Signal<ApiError | null> = signal(null);
  readonly link: Signal<Link> = signal<Link>({ kind: "connecting" });
  private timer = 0;
  private turn = 0;

  constructor(
    private readonly ask: () => Promise<T>,
    /** Whether nothing more will come by itself. */
    private readonly settled: (view: T) => boolean,
  ) {}

  start(): void {
    document.addEventListener("visibilitychange", this.turned);
    window.addEventListener("online", this.turned);
    void this.look();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.turned);
    window.removeEventListener("online", this.turned);
    clearTimeout(this.timer);
    this.turn = -1;
  }

  /** What an action answered: newer than whatever is still on its way. */
  take(view: T): void {
    if (this.turn < 0) return;
    this.turn += 1;
    this.show(view);
  }

  private readonly turned = (): void => void this.look();

  private async look(): Promise<void> {
    if (this.turn < 0) return;
    const turn = ++this.turn;
    clearTimeout(this.timer);
    try {
      const view = await this.ask();
      if (turn === this.turn) this.show(view);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  private show(view: T): void {
    this.view.value = view;
    this.problem.value = null;
    if (this.settled(view)) this.link.value = { kind: "ended" };
    else this.again("asked");
  }

  private fail(error: unknown): void {
    if (error instanceof ApiError && error.status < 500) {
      this.problem.value = error;
      return;
    }
    if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
    this.again("offline");
  }

  private again(kind: "asked" | "offline"): void {
    if (kind === "asked") this.link.value = { kind };
    else if (this.link.value.kind !== "offline") this.link.value = { kind, since: Date.now() };
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.look(), document.hidden ? HIDDEN_MS : EVERY_MS);
  }
}
