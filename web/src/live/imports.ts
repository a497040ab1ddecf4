/** The imports of a project or of all, kept current. */
import { type Signal, signal } from "@preact/signals";
import { listImports, path, Unreachable } from "../api/client";
import type { Import } from "../api/types";
import { Connection, type Feed } from "./connection";
import { keyOf, newer } from "./newest";

export class ImportsFeed implements Feed {
  readonly all: Signal<ReadonlyMap<string, Import> | null> = signal(null);
  readonly events = ["snapshot", "import"];
  readonly stream: string;
  readonly connection: Connection;

  constructor(private readonly project: string | null) {
    this.stream = project === null ? path(["events"]) : path(["projects", project, "events"]);
    this.connection = new Connection(this);
  }

  frame(event: string, data: unknown): void {
    if (event === "snapshot") this.replace((data as { imports: Import[] }).imports);
    else this.merge([data as Import], this.all.value ?? new Map());
  }

  async poll(): Promise<void> {
    try {
      this.replace(await listImports(this.project));
    } catch (error) {
      if (error instanceof Unreachable) throw error;
    }
  }

  ended(): boolean {
    return false;
  }

  private replace(imports: readonly Import[]): void {
    this.merge(imports, new Map());
  }

  private merge(imports: readonly Import[], into: ReadonlyMap<string, Import>): void {
    const merged = new Map(into);
    for (const view of imports) merged.set(keyOf(view), newer(this.all.value?.get(keyOf(view)), view));
    this.all.value = merged;
  }
}
