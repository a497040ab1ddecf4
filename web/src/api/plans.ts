/** Plans: what an import would do, asked before it is asked for. */
import { ask, path } from "./client";
import type { Options, Plan, SourceRequest } from "./types";

export const makePlan = (project: string, source: SourceRequest, options: Options): Promise<Plan> =>
  ask("POST", path(["projects", project, "plans"]), { source, options });

/** The answer waits for so many seconds for the plan to be ready. */
export const getPlan = (project: string, id: string, waitS: number, signal: AbortSignal): Promise<Plan> =>
  ask("GET", path(["projects", project, "plans", id], { wait: waitS }), undefined, signal);
