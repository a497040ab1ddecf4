/** When a source is imported again: by the clock, by a push, and now. */
import { ApiError, ask, getImport, path, submitImport } from "./client";
import type { Hook, Import, Schedule, ScheduleRequest, SourceRequest } from "./types";

/** Kinds of sources that a worker fetches: only these change while nobody hands anything over. */
export const FETCHED: ReadonlySet<string> = new Set(["git", "zotero-web"]);

const schedulePath = (project: string, source: string) => path(["projects", project, "sources", source, "schedule"]);

/** Null where the source is imported only when somebody asks for it. */
export async function getSchedule(project: string, source: string): Promise<Schedule | null> {
  try {
    return await ask<Schedule>("GET", schedulePath(project, source));
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === "schedule_not_found") return null;
    throw error;
  }
}

export const putSchedule = (project: string, source: string, request: ScheduleRequest): Promise<Schedule> =>
  ask("PUT", schedulePath(project, source), request);

export const endSchedule = (project: string, source: string): Promise<void> => ask("DELETE", schedulePath(project, source));

export const getHook = (project: string, source: string): Promise<Hook> => ask("GET", path(["projects", project, "sources", source, "hook"]));

/** Submits a source that a worker fetches as an earlier import of it was submitted; null of what was handed over by somebody. */
export async function importAgain(project: string, last: string): Promise<Import | null> {
  const request = fetched(await getImport(project, last));
  return request && submitImport(project, request);
}

function fetched({ source: { name, repository, library, choice } }: Import): SourceRequest | null {
  if (repository) return { kind: "git", ...repository, name };
  if (library) return { kind: "zotero-web", ...library, collections: [], item_types: [], tags: [], ...choice, name };
  return null;
}
