import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { limitProvider } from "../api/providers";
import type { Provider } from "../api/types";
import { lookUpProviders, providers } from "../live/providers";
import { Field } from "../parts/Field";
import { GateLine } from "../parts/GateLine";
import { nameOf } from "../parts/names";
import { Problem } from "../parts/Problem";
import { language, words } from "../words/language";
import { count, money } from "../words/numbers";

const EVERY_MS = 3_000;

/** The services that imports use: whether they answer, what they were sent, and how often they are asked. */
export function ProvidersView() {
  const problem = useSignal<Error | null>(null);
  const known = useSignal(false);
  const { providers: say, loading } = words.value;
  const load = async () => {
    try {
      await lookUpProviders();
      problem.value = null;
      known.value = true;
    } catch (error) {
      problem.value = error as Error;
    }
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      if (!document.hidden) void load();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <article class="project-settings" aria-labelledby="providers-title">
      <div>
        <h1 id="providers-title">{say.title}</h1>
        <p class="quiet">{known.value && !providers.value.length ? say.none : say.hint}</p>
      </div>
      {problem.value && <Problem error={problem.value} />}
      {!known.value && !problem.value && <p class="quiet">{loading}</p>}
      {providers.value.map((provider) => (
        <Card key={provider.id} provider={provider} changed={load} />
      ))}
    </article>
  );
}

function Card({ provider, changed }: { provider: Provider; changed: () => Promise<void> }) {
  const { providers: say } = words.value;
  const { id, model, kind, gate, use, limits } = provider;
  const purpose = id.split(".")[0]!;
  const state = gate ? (gate.state === "operator" ? "operator" : "closed") : "open";
  return (
    <section class="card lead" aria-labelledby={`provider-${id}`} data-provider={id}>
      <div class="title">
        <h2 id={`provider-${id}`}>
          {nameOf(id)} <span class="tag">{say.purposes[purpose] ?? purpose}</span>
        </h2>
        <span class={`link link-${state === "open" ? "live" : state === "closed" ? "polling" : "offline"}`}>
          <i aria-hidden="true" />
          {state === "open" && !use.tokens_today ? say.unused : say[state]}
        </span>
      </div>
      <ul class="facts">
        <li>{model}</li>
        <li>{kind}</li>
        <li>{say.workers(count(provider.workers, language.value))}</li>
        {provider.fallback && <li>{say.fallback(nameOf(provider.fallback))}</li>}
        {gate && gate.failures > 1 && <li>{say.failures(count(gate.failures, language.value))}</li>}
      </ul>
      {gate && <GateLine gate={gate} changed={changed} />}
      <dl class="counts uses">
        <Use name={say.minute} used={use.tokens_last_minute} limit={limits.tokens_per_minute ?? null} />
        <Use name={say.today} used={use.tokens_today} limit={limits.tokens_per_day ?? null} />
        <div>
          <dt>{say.cost}</dt>
          <dd>{money(use.cost_today, language.value)}</dd>
        </div>
      </dl>
      <Rate provider={provider} changed={changed} />
    </section>
  );
}

function Use({ name, used, limit }: { name: string; used: number; limit: number | null }) {
  const { providers: say } = words.value;
  const shown = (value: number) => count(value, language.value);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {limit === null ? shown(used) : say.of(shown(used), shown(limit))}
        {limit !== null && <meter aria-label={name} min={0} max={limit} value={Math.min(used, limit)} />}
      </dd>
    </div>
  );
}

function Rate({ provider, changed }: { provider: Provider; changed: () => Promise<void> }) {
  const rate = useSignal(provider.rps === null ? "" : String(provider.rps));
  const tried = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { providers: say } = words.value;
  const wanted = rate.value.trim() === "" ? null : Number(rate.value.trim());
  const good = wanted === null || (wanted > 0 && wanted <= 10_000);
  const told = provider.limits.rps ?? null;
  const save = async (event: Event) => {
    event.preventDefault();
    tried.value = true;
    if (!good) return;
    problem.value = null;
    try {
      const { rps } = await limitProvider(provider.id, wanted);
      rate.value = rps === null ? "" : String(rps);
      await changed();
    } catch (error) {
      problem.value = error as Error;
    }
  };
  return (
    <form class="rate" noValidate onSubmit={(event) => void save(event)}>
      <Field
        id={`rate-${provider.id}`}
        label={say.rate}
        hint={say.rateHint(told === null ? null : count(told, language.value))}
        problem={tried.value && !good ? say.badRate : null}
        value={rate}
      />
      <button type="submit" class="small" aria-label={`${say.save}: ${say.rate}, ${nameOf(provider.id)}`}>
        {say.save}
      </button>
      {problem.value && <Problem error={problem.value} />}
    </form>
  );
}
