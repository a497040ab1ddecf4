/** A stream that is watched: where it falls silent the page polls, says so, and comes back by itself. */
import { type Signal, signal } from "@preact/signals";

export type Link =
  | { kind: "connecting" | "live" | "asked" | "reconnecting" | "polling" | "ended" }
  | { kind: "offline"; since: number };

export interface Feed {
  /** Address of the event stream. */
  stream: string;
  /** Names of the events that carry something. */
  events: readonly string[];
  frame(event: string, data: unknown): void;
  /** Fetches the whole anew. Rejects if the server cannot be reached. */
  poll(): Promise<void>;
  /** Whether nothing more will come. */
  ended(): boolean;
}

const SILENCE_MS = 25_000;
const POLL_MS = 3_000;
const HIDDEN_POLL_MS = 15_000;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;

export class Connection {
  readonly link: Signal<Link> = signal<Link>({ kind: "connecting" });
  private source: EventSource | null = null;
  private silence = 0;
  private pollTimer = 0;
  private reopenTimer = 0;
  private backoff = FIRST_BACKOFF_MS;
  private stopped = false;

  constructor(private readonly feed: Feed) {}

  start(): void {
    document.addEventListener("visibilitychange", this.turned);
    window.addEventListener("online", this.turned);
    window.addEventListener("offline", this.lost);
    window.addEventListener("pageshow", this.turned);
    this.turned();
  }

  stop(): void {
    this.stopped = true;
    document.removeEventListener("visibilitychange", this.turned);
    window.removeEventListener("online", this.turned);
    window.removeEventListener("offline", this.lost);
    window.removeEventListener("pageshow", this.turned);
    this.close();
    clearTimeout(this.pollTimer);
    clearTimeout(this.reopenTimer);
  }

  /** A hidden tab gives its stream back, since a browser opens six to a host, and looks now and then instead. */
  private readonly turned = (): void => {
    if (this.stopped || this.link.value.kind === "ended") return;
    this.backoff = FIRST_BACKOFF_MS;
    this.poll();
    if (document.hidden) this.close();
    else this.open();
  };

  private open(): void {
    if (this.stopped || this.source || document.hidden) return;
    clearTimeout(this.reopenTimer);
    const source = new EventSource(this.feed.stream);
    this.source = source;
    for (const name of [...this.feed.events, "heartbeat"]) {
      source.addEventListener(name, (event) => this.heard(name, (event as MessageEvent<string>).data));
    }
    source.onerror = this.lost;
    this.listen();
  }

  private heard(name: string, data: string): void {
    this.listen();
    this.backoff = FIRST_BACKOFF_MS;
    clearTimeout(this.pollTimer);
    if (this.link.value.kind !== "live") this.link.value = { kind: "live" };
    if (name !== "heartbeat") this.feed.frame(name, JSON.parse(data));
    if (this.feed.ended()) this.finish();
  }

  private listen(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(this.lost, SILENCE_MS);
  }

  private readonly lost = (): void => {
    if (this.stopped || this.link.value.kind === "ended") return;
    this.close();
    if (this.link.value.kind !== "offline" && this.link.value.kind !== "polling") this.link.value = { kind: "reconnecting" };
    this.poll();
    clearTimeout(this.reopenTimer);
    this.reopenTimer = window.setTimeout(() => this.open(), this.backoff * (0.75 + Math.random() / 2));
    this.backoff = Math.min(2 * this.backoff, LONGEST_BACKOFF_MS);
  };

  private poll(): void {
    clearTimeout(this.pollTimer);
    void this.feed.poll().then(
      () => this.polled(true),
      () => this.polled(false),
    );
  }

  private polled(reached: boolean): void {
    if (this.stopped || this.link.value.kind === "ended") return;
    if (reached && this.feed.ended()) return this.finish();
    const { kind } = this.link.value;
    if (kind === "live" && this.source && reached) return;
    if (!reached) {
      if (kind !== "offline") this.link.value = { kind: "offline", since: Date.now() };
    } else if (kind !== "connecting" || !this.source) {
      this.link.value = { kind: "polling" };
    }
    clearTimeout(this.pollTimer);
    this.pollTimer = window.setTimeout(() => this.poll(), document.hidden ? HIDDEN_POLL_MS : POLL_MS);
  }

  /** The last word is asked for once more: a stream may have ended before it. */
  private finish(): void {
    this.close();
    clearTimeout(this.pollTimer);
    clearTimeout(this.reopenTimer);
    this.link.value = { kind: "ended" };
    void this.feed.poll().catch(() => undefined);
  }

  private close(): void {
    clearTimeout(this.silence);
    this.source?.close();
    this.source = null;
  }
}
