/** Projects, their sources and who is told of their imports: what can be looked at, renamed and taken away. */
import { ask, path } from "./client";
import type { Extent, Import, NewWebhook, Project, Source, Submitted, Webhook, WebhookEvent } from "./types";

export const getProject = (project: string): Promise<Project> => ask("GET", path(["projects", project]));

export const renameProject = (project: string, name: string): Promise<Project> => ask("PATCH", path(["projects", project]), { name });

/** What deleting it would delete; deletes nothing. */
export const extentOfProject = (project: string): Promise<Extent> => ask("DELETE", path(["projects", project], { dry_run: "true" }));

export const deleteProject = (project: string): Promise<Project> => ask("DELETE", path(["projects", project]));

export const listSources = async (project: string): Promise<Source[]> =>
  (await ask<{ sources: Source[] }>("GET", path(["projects", project, "sources"]))).sources;

export const renameSource = (project: string, source: string, name: string): Promise<Source> =>
  ask("PATCH", path(["projects", project, "sources", source]), { name });

/** What removing it would take out of the graph; removes nothing. */
export const extentOfSource = (project: string, source: string): Promise<Extent> =>
  ask("DELETE", path(["projects", project, "sources", source], { dry_run: "true" }));

export const removeSource = async (project: string, source: string): Promise<Import> =>
  (await ask<Submitted & { import: Import }>("DELETE", path(["projects", project, "sources", source]))).import;

export const listWebhooks = async (project: string): Promise<Webhook[]> =>
  (await ask<{ webhooks: Webhook[] }>("GET", path(["projects", project, "webhooks"]))).webhooks;

export const addWebhook = (project: string, url: string, events: readonly WebhookEvent[]): Promise<NewWebhook> =>
  ask("POST", path(["projects", project, "webhooks"]), { url, events });

export const deleteWebhook = (project: string, webhook: string): Promise<void> =>
  ask("DELETE", path(["projects", project, "webhooks", webhook]));
