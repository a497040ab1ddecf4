/** Comparisons: one source through several pipelines, measured side by side, and the best one served. */
import { ask, path } from "./client";
import type { Comparison, ComparisonRequest, Step } from "./types";

const pathOf = (project: string, id?: string) => path(["projects", project, "comparisons", ...(id ? [id] : [])]);

/** The newest first, without measures. */
export const listComparisons = async (project: string): Promise<Comparison[]> =>
  (await ask<{ comparisons: Comparison[] }>("GET", pathOf(project))).comparisons;

export const getComparison = (project: string, id: string): Promise<Comparison> => ask("GET", pathOf(project, id));

export const startComparison = (project: string, request: ComparisonRequest): Promise<Comparison> => ask("POST", pathOf(project), request);

export const steer = ({ project, id }: Comparison, action: "pause" | "resume" | "cancel"): Promise<Comparison> =>
  ask("POST", `${pathOf(project, id)}:${action}`);

export const retryVariant = ({ project, id }: Comparison, variant: string, step: Step): Promise<Comparison> =>
  ask("POST", `${pathOf(project, id)}:retry`, { variant, step });

/** What takes longer than the answer is told later: `promoted` says when it is done. */
export const promoteVariant = ({ project, id }: Comparison, variant: string): Promise<Comparison> =>
  ask("POST", `${pathOf(project, id)}:promote`, { variant });

export const dropComparison = ({ project, id }: Comparison): Promise<void> => ask("DELETE", pathOf(project, id));
