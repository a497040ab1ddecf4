/** What an import is doing and why, in one plain sentence. */
import { closed, type Import, type Stage } from "../api/types";
import { nameOf } from "../parts/names";
import type { Words } from "./en";
import { ago, clock, count, duration, type Language } from "./numbers";

export interface Telling {
  words: Words;
  language: Language;
  /** Milliseconds since the epoch. */
  now: number;
  /** Seconds since any worker asked for work, as far as the page knows. */
  workerSeenS: number | null;
}

export function sentence(view: Import, telling: Telling): string {
  const { words } = telling;
  if (closed(view)) return ending(view, telling);
  const reason = view.reason && because(view, telling);
  if (reason) return reason;
  if (view.state === "paused") return words.sentences.paused;
  if (view.state === "cancelling") return words.sentences.cancelling;
  if (view.state === "queued") return words.sentences.starting;
  return underWay(view, telling) ?? words.sentences.beginning;
}

function because(view: Import, telling: Telling): string | null {
  const { words, language, now } = telling;
  const { code, message, resume_at } = view.reason!;
  const say = words.sentences;
  switch (code) {
    case "no_worker":
      return `${say.noWorker(seenBefore(view, telling))} ${say.goesOnWithWorker}`;
    case "worker_unresponsive":
      return say.unresponsive;
    case "awaiting_approval":
      return approval(view, telling);
    case "orchestrator_unavailable":
      return say.orchestrator;
    case "database_unavailable":
      return say.database;
    case "follow_up":
      return say.followUp;
    case "operator_paused":
      return say.paused;
  }
  const told = ofProvider(view.reason!, words) ?? message;
  if (!resume_at) return told;
  const inS = (Date.parse(resume_at) - now) / 1000;
  const when = clock(resume_at, language);
  return `${told.replace(/\.?$/, ".")} ${inS > 0 ? say.goesOnAt(when, duration(inS, language)) : say.goesOnNow(when)}`;
}

/** What a provider keeps waiting, in the page's language; what it said itself is in its own. */
export function ofProvider({ code, provider }: { code: string; provider?: string | null }, { sentences: say }: Words): string | null {
  const name = provider ? nameOf(provider) : "?";
  if (code === "provider_rate_limit") return say.providerRate(name);
  if (code === "provider_unavailable") return say.providerAway(name);
  if (code === "provider_budget") return say.providerBudget(name);
  return code === "cost_cap" ? say.costCap : null;
}

/** The same whether it was told to ask or would remove much; of the latter it says so. */
function approval({ planned }: Import, { words, language }: Telling): string {
  const say = words.sentences;
  const what = (["added", "changed", "removed", "duplicate"] as const)
    .filter((change) => planned?.items[change])
    .map((change) => say.toDo[change](count(planned!.items[change], language)));
  return (planned?.needs_approval ? say.approvalOfMuch : say.approval)(what.join(", "));
}

function seenBefore(view: Import, { language, now, workerSeenS }: Telling): string | null {
  const seconds = view.worker_seen_at ? (now - Date.parse(view.worker_seen_at)) / 1000 : workerSeenS;
  return seconds === null ? null : ago(seconds, language);
}

function underWay({ stages, source }: Import, { words, language }: Telling): string | null {
  const running = stages.filter((stage) => stage.state === "running" && (stage.total === null || stage.total === undefined || stage.total > 0));
  // The lanes overlap: the stage furthest behind says how far all of it is.
  const stage = running.at(-1)?.name === "write" ? running.find((one) => one.done > 0) ?? running[0] : running.at(-1);
  if (!stage) return null;
  const done = count(stage.done, language);
  const total = stage.total ? count(stage.total, language) : null;
  if (stage.name === "stage" && source.kind === "git") return words.fetching;
  if (stage.name === "stage" && source.kind === "zotero-web") return total ? words.fetchingFiles(done, total) : words.fetchingLibrary;
  return words.doing[stage.name](done, total ?? "…");
}

function ending(view: Import, { words, language }: Telling): string {
  const say = words.sentences;
  if (view.state === "cancelled") return view.reason && view.reason.code === "superseded" ? view.reason.message : say.cancelled;
  if (view.state === "failed") return view.reason?.message ?? say.failed;
  const items = view.items;
  const parts = (["added", "changed", "removed", "duplicate", "skipped", "unchanged"] as const)
    .filter((name) => items[name])
    .map((name) => say[name](count(items[name], language)));
  const untouched = items.total > 0 && items.unchanged === items.total && !items.removed;
  const what = untouched || !parts.length ? say.nothingNew : parts.join(", ");
  const took = view.started_at && view.closed_at ? (Date.parse(view.closed_at) - Date.parse(view.started_at)) / 1000 : 0;
  const unread = items.failed + view.attachments_failed;
  const rest = view.state === "partially_succeeded" && unread ? ` ${say.partly(count(unread, language))}` : "";
  return say.succeeded(what, duration(took, language)) + rest;
}

/** What a stage is called: of a repository nothing was handed over that could be unpacked. */
export function stageName(stage: Stage["name"], kind: string, words: Words): string {
  return stage === "stage" && (kind === "git" || kind === "zotero-web") ? words.fetch : words.stages[stage];
}
