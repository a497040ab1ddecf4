/** A plan that a worker makes, from when it was asked for until it is there. */
import { type Signal, signal } from "@preact/signals";
import { ApiError, Unreachable } from "../api/client";
import { getPlan, makePlan } from "../api/plans";
import type { Preview, SourceRequest } from "../api/types";
import type { Order } from "./order";

export type PlanStep = { kind: "making" } | { kind: "ready"; preview: Preview } | { kind: "failed"; error: Error };

const WAIT_S = 15;
const AGAIN_MS = 2_000;

export class Planning {
  readonly step: Signal<PlanStep> = signal<PlanStep>({ kind: "making" });
  /** Milliseconds since the epoch. */
  readonly since = Date.now();
  private readonly controller = new AbortController();

  private constructor(
    readonly order: Order,
    readonly source: SourceRequest,
    private readonly id: string,
  ) {}

  /** Throws: ApiError where the source cannot be imported, Unreachable. */
  static async begin(order: Order, source: SourceRequest): Promise<Planning> {
    const { id } = await makePlan(order.project, source, order.options);
    return new Planning(order, source, id);
  }

  /** Asks until it is there; a server that does not answer is asked again. */
  async watch(): Promise<void> {
    const { signal } = this.controller;
    while (!signal.aborted) {
      try {
        const { preview, failure } = await getPlan(this.order.project, this.id, WAIT_S, signal);
        if (preview) this.step.value = { kind: "ready", preview };
        if (failure) this.step.value = { kind: "failed", error: new Error(failure.message) };
        if (preview || failure) return;
      } catch (error) {
        if (signal.aborted) return;
        if (!passing(error)) {
          this.step.value = { kind: "failed", error: error as Error };
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  abandon(): void {
    this.controller.abort();
  }
}

function passing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiError && (error.status >= 500 || error.status === 429));
}
