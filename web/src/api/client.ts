/** The API as the page asks it: typed answers, and errors that say what to do next. */
import { signal } from "@preact/signals";
import type { Action, Document, Evidence, Import, Item, ItemCode, ItemPage, Options, Passage, ProblemDetails, Project, SourceRequest, Subgraph, Submitted, SystemStatus } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemDetails,
  ) {
    super(problem.detail);
  }
}

/** The API did not answer at all. */
export class Unreachable extends Error {}

/** How often the API has asked for a key that this page lacks, or no longer has. */
export const refusals = signal(0);

export const SESSION = "/v1/session";
const PATIENCE_MS = 20_000;

export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  if (answer.status === 401 && !path.startsWith(SESSION)) refusals.value += 1;
  if (!answer.ok) throw new ApiError(answer.status, await problemOf(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** A path of the API with every part escaped and the parameters that have a value. */
export function path(parts: readonly string[], query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/v1/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

export function importPath(project: string, id: string): string {
  return path(["projects", project, "imports", id]);
}

export const getSystem = (): Promise<SystemStatus> => ask("GET", "/v1/system/status");

export const listImports = async (project: string | null): Promise<Import[]> =>
  (await ask<{ imports: Import[] }>("GET", path(["imports"], { project: project ?? undefined }))).imports;

export const getImport = (project: string, id: string): Promise<Import> => ask("GET", importPath(project, id));

export const act = async (view: Import, action: Action, how?: { codes: ItemCode[] }): Promise<Import> =>
  (await ask<{ import: Import }>("POST", `${importPath(view.project, view.id)}:${action}`, how)).import;

/** Which items are asked for: all of them if it says nothing. */
export interface ItemChoice {
  state?: Item["state"];
  code?: ItemCode;
  change?: Item["change"];
  /** What failed, was skipped for a reason of its own, or has a file that was not read. */
  problems?: "true";
}

export const listItems = (view: Import, choice: ItemChoice, token: string | null): Promise<ItemPage> =>
  ask("GET", path(["projects", view.project, "imports", view.id, "items"], { ...choice, page_size: 25, page_token: token ?? undefined }));

export const missingBlobs = async (project: string, sha256: readonly string[]): Promise<string[]> =>
  (await ask<{ missing: string[] }>("POST", `/v1/projects/${encodeURIComponent(project)}/blobs:missing`, { sha256 })).missing;

export const submitImport = async (project: string, source: SourceRequest, options: Options = {}): Promise<Import> =>
  (await ask<Submitted & { import: Import }>("POST", path(["projects", project, "imports"]), { source, options })).import;

async function problemOf(answer: Response): Promise<ProblemDetails> {
  try {
    return (await answer.json()) as ProblemDetails;
  } catch {
    const detail = `The server answered ${answer.status} ${answer.statusText}.`;
    return { type: "", title: answer.statusText, status: answer.status, detail, code: "", hint: "", request_id: "" };
  }
}

export const listProjects = async (): Promise<{ key: string; name: string }[]> =>
  (await ask<{ projects: Project[] }>("GET", "/v1/projects")).projects.map(({ project, name }) => ({ key: project, name: name || project }));

export const getGraph = (project: string, limit: number): Promise<Subgraph> => ask("GET", path(["projects", project, "graph"], { limit }));

export const getNeighbours = (project: string, node: string, limit: number): Promise<Subgraph> =>
  ask("GET", path(["projects", project, "nodes", node, "neighbours"], { limit }));

export const getDocument = (project: string, id: string): Promise<Document> => ask("GET", path(["projects", project, "documents", id]));

export const getEvidence = (project: string, subject: string): Promise<{ evidence: Evidence[]; truncated: boolean }> =>
  ask("GET", path(["projects", project, "evidence", subject], { limit: 60 }));

export interface Question {
  q: string;
  kind?: string | undefined;
  year_from?: string | undefined;
  year_to?: string | undefined;
  tag?: string | undefined;
  collection?: string | undefined;
}

export const searchPassages = (project: string, question: Question): Promise<{ results: Passage[]; warning?: string | null }> =>
  ask("GET", path(["projects", project, "search"], { ...question, limit: 20 }));
