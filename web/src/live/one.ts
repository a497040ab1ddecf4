/** One import, kept current until it has closed, and what this page has seen of it. */
import { type Signal, signal } from "@preact/signals";
import { ApiError, getImport, importPath, Unreachable } from "../api/client";
import { closed, type Import } from "../api/types";
import { Connection, type Feed } from "./connection";
import { newer } from "./newest";
import { History } from "./history";

export class ImportFeed implements Feed {
  readonly view: Signal<Import | null> = signal(null);
  readonly missing = signal(false);
  readonly events = ["snapshot", "progress", "done"];
  readonly stream: string;
  readonly connection: Connection;
  readonly history: History;

  constructor(
    private readonly project: string,
    private readonly id: string,
  ) {
    this.stream = `${importPath(project, id)}/events`;
    this.history = new History(`${project}/${id}`);
    this.connection = new Connection(this);
  }

  frame(_event: string, data: unknown): void {
    this.take(data as Import);
  }

  async poll(): Promise<void> {
    try {
      this.take(await getImport(this.project, this.id));
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      this.missing.value = error instanceof ApiError && error.status === 404 && !this.view.value;
    }
  }

  ended(): boolean {
    return this.missing.value || (this.view.value !== null && closed(this.view.value));
  }

  take(view: Import): void {
    this.view.value = newer(this.view.value ?? undefined, view);
    this.history.add(this.view.value);
  }
}
