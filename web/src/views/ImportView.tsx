import { effect, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { closed, type Import } from "../api/types";
import { now } from "../live/clock";
import { ImportFeed } from "../live/one";
import { workerSeenS } from "../live/system";
import { Bar } from "../parts/Bar";
import { Copy } from "../parts/Copy";
import { Fallbacks } from "../parts/Fallbacks";
import { AskAgain } from "../parts/GateLine";
import { KindIcon } from "../parts/KindIcon";
import { LinkPill, linkText } from "../parts/LinkPill";
import { itemsOf, rateOf, spentOf } from "../parts/measures";
import { Origin } from "../parts/Origin";
import { PlanCounts } from "../parts/PlanCounts";
import { StatePill } from "../parts/StatePill";
import { to } from "../router";
import { language, words } from "../words/language";
import { clock, count, duration, percent, timeLeft } from "../words/numbers";
import { sentence } from "../words/sentence";
import { Actions } from "./Actions";
import { EventLog } from "./EventLog";
import { type Filter, Items } from "./Items";
import { Stages } from "./Stages";
import { Throughput } from "./Throughput";

export function ImportView({ project, id }: { project: string; id: string }) {
  const feed = useMemo(() => new ImportFeed(project, id), [project, id]);
  useEffect(() => {
    feed.connection.start();
    let told = feed.connection.link.value.kind;
    const forget = effect(() => {
      const link = feed.connection.link.value;
      if (link.kind !== told) feed.history.write({ at: Date.now(), kind: "link", link: linkText(link) });
      told = link.kind;
    });
    return () => {
      forget();
      feed.connection.stop();
    };
  }, [feed]);
  const view = feed.view.value;
  useEffect(() => {
    if (view) document.title = `${closed(view) ? words.value.states[view.state] : percent(view.fraction)} · ${view.source.name}`;
  });
  if (feed.missing.value) return <p class="empty">{words.value.detail.missing}</p>;
  if (!view) return <p class="quiet">{words.value.loading}</p>;
  return <Detail view={view} feed={feed} />;
}

function Detail({ view, feed }: { view: Import; feed: ImportFeed }) {
  const { detail, sentences } = words.value;
  const telling = { words: words.value, language: language.value, now: now.value, workerSeenS: workerSeenS.value };
  const link = feed.connection.link.value;
  const listed = useSignal<Filter | null>(null);
  const list = (filter: Filter) => {
    listed.value = filter;
    document.getElementById("items-title")?.focus();
  };
  return (
    <article class="import" data-import={view.id} data-fraction={view.fraction}>
      <p class="crumbs">
        <a href={to.imports(null)}>{detail.back}</a> / <a href={to.imports(view.project)}>{view.project}</a>
      </p>
      <header class="card lead">
        <div class="title">
          <h1>
            <KindIcon kind={view.source.kind} /> {view.source.name} {view.mode !== "import" && <span class="tag">{words.value.modes[view.mode]}</span>}
          </h1>
          <LinkPill link={link} />
        </div>
        <Origin view={view} />
        <div class="saying">
          <StatePill state={view.state} />
          <p class="sentence" aria-live="polite">
            {sentence(view, telling)}
          </p>
          {view.reason?.provider && !closed(view) && <AskAgain provider={view.reason.provider} changed={() => feed.poll()} />}
        </div>
        <Bar view={view} />
        <ul class="facts">
          {facts(view).map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
          {!view.live && !closed(view) && <li class="stale">{sentences.notLive}</li>}
        </ul>
        <LastError view={view} />
        <Fallbacks view={view} />
        {view.graph && (
          <p class="graph-now">
            {detail.graphNow(shown(view.graph.documents), shown(view.graph.concepts), shown(view.graph.edges))}{" "}
            <a href={to.graph(view.project)}>{detail.graph}</a>
          </p>
        )}
        {view.follow_up && (
          <p>
            {detail.followUp} <a href={to.import(view.project, view.follow_up)}>{view.follow_up}</a>
          </p>
        )}
        <Outlook view={view} list={list} />
        <Actions view={view} feed={feed} offline={link.kind === "offline"} />
      </header>
      <div class="columns">
        <Stages view={view} />
        <div class="column">
          <Throughput history={feed.history} />
          <Counts view={view} />
        </div>
      </div>
      <Items view={view} chosen={listed} />
      <div class="columns">
        <EventLog log={feed.history.log.value} kind={view.source.kind} />
        <Identity view={view} />
      </div>
    </article>
  );
}

/** Of an import that waits for a yes: what that would be a yes to. */
function Outlook({ view, list }: { view: Import; list: (filter: Filter) => void }) {
  const { detail } = words.value;
  if (!view.planned || view.reason?.code !== "awaiting_approval") return null;
  return (
    <section class="outlook" aria-labelledby="outlook-title">
      <h2 id="outlook-title">{detail.plan}</h2>
      <PlanCounts items={view.planned.items} choose={(change) => list(`change:${change}`)} />
      <p class="quiet">{detail.planHint}</p>
    </section>
  );
}

function shown(value: number): string {
  return count(value, language.value);
}

function facts(view: Import): string[] {
  const { detail } = words.value;
  const found = [
    itemsOf(view, words.value, language.value),
    rateOf(view, words.value, language.value),
    ...spentOf(view, words.value, language.value),
    view.state === "running" ? timeLeft(view.eta_range_s, language.value) : null,
    view.started_at ? detail.started(clock(view.started_at, language.value)) : null,
    view.closed_at ? detail.closed(clock(view.closed_at, language.value)) : null,
    view.started_at ? (closed(view) ? detail.took : detail.under)(duration(tookS(view), language.value)) : null,
  ];
  return found.filter((fact) => fact !== null);
}

function tookS(view: Import): number {
  const end = view.closed_at ? Date.parse(view.closed_at) : now.value;
  return (end - Date.parse(view.started_at!)) / 1000;
}

function LastError({ view }: { view: Import }) {
  if (!view.last_error || closed(view)) return null;
  const { detail, sentences } = words.value;
  return (
    <p class="last-error">
      <strong>{detail.lastError}</strong>
      {view.attempt > 1 && ` (${sentences.attempt(String(view.attempt))})`}: {view.last_error.message}
      {view.last_error.at && <span class="quiet"> {clock(view.last_error.at, language.value)}</span>}
    </p>
  );
}

function Counts({ view }: { view: Import }) {
  const { detail, changes, states } = words.value;
  const { items } = view;
  const rows: [string, number][] = [
    [detail.total, items.total],
    [changes.added, items.added],
    [changes.changed, items.changed],
    [changes.unchanged, items.unchanged],
    [changes.duplicate, items.duplicate],
    [changes.removed, items.removed],
    [words.value.itemStates.skipped, items.skipped],
    [states.failed, items.failed],
    [detail.attachmentsFailed, view.attachments_failed],
    [detail.warnings, view.warnings],
    [detail.chunks, view.chunks],
    [detail.interruptions, view.interruptions],
  ];
  return (
    <section class="card" aria-labelledby="counts-title">
      <h2 id="counts-title">{detail.counts}</h2>
      <dl class="counts">
        {rows.map(([name, value]) => (
          <div key={name} class={value ? "" : "zero"}>
            <dt>{name}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Identity({ view }: { view: Import }) {
  const { detail } = words.value;
  return (
    <section class="card" aria-labelledby="identity-title">
      <h2 id="identity-title">{detail.id}</h2>
      <Copy label={detail.id} text={view.id} />
      <Copy label={detail.workflow} text={`import/${view.project}/${view.source.key}`} />
      <p class="away">
        {view.links.temporal_ui && (
          <a href={view.links.temporal_ui} target="_blank" rel="noreferrer">
            {detail.temporal} ↗
          </a>
        )}
        <a href={view.links.self} target="_blank" rel="noreferrer">
          {detail.json} ↗
        </a>
      </p>
    </section>
  );
}
