import { type Signal, signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { startComparison } from "../api/comparisons";
import { ApiError } from "../api/client";
import { listSources } from "../api/projects";
import type { Comparison, Setting, Source, VariantRequest } from "../api/types";
import { providersFor } from "../live/providers";
import { Choice } from "../parts/Choice";
import { Field } from "../parts/Field";
import { Problem } from "../parts/Problem";
import { to } from "../router";
import { language, words } from "../words/language";
import { count } from "../words/numbers";

const SETTINGS: readonly Setting[] = ["passage", "concepts", "partners"];
const SERVICES = ["embedder", "extractor"] as const;

/** A variant as it is typed. */
interface Draft {
  name: Signal<string>;
  settings: Record<Setting, Signal<string>>;
  embedder: Signal<string | null>;
  extractor: Signal<string | null>;
}

function draft(name: string, passage = ""): Draft {
  return {
    name: signal(name),
    settings: { passage: signal(passage), concepts: signal(""), partners: signal("") },
    embedder: signal(null),
    extractor: signal(null),
  };
}

interface Props {
  project: string;
  begun: (view: Comparison) => void;
  discard: () => void;
}

/** From a source that the project has, and named settings, to a comparison. What is wrong with them the API says. */
export function ComparisonForm({ project, begun, discard }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const sources = useSignal<readonly Source[] | null>(null);
  const source = useSignal("");
  const drafts = useSignal<readonly Draft[]>([draft("usual"), draft("short", "450"), draft("long", "1800")]);
  const each = useSignal("");
  const seed = useSignal("");
  const busy = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { comparisons: all, loading, nav } = words.value;
  const { form: say } = all;
  useEffect(() => {
    listSources(project).then(
      (found) => {
        sources.value = found;
        source.value = found[0]?.key ?? "";
        requestAnimationFrame(() => document.getElementById("comparison-source")?.focus());
      },
      (error: Error) => {
        problem.value = error;
      },
    );
  }, [project]);
  const wrong = partsOf(problem.value);
  const change = (next: readonly Draft[]) => {
    drafts.value = next;
    problem.value = null;
  };
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy.value || !source.value) return;
    busy.value = true;
    problem.value = null;
    try {
      const questions = { ...typed("each", each.value), ...typed("seed", seed.value) };
      begun(await startComparison(project, { source: { kind: "known", key: source.value }, variants: drafts.value.map(requested), questions }));
    } catch (error) {
      problem.value = error as Error;
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    } finally {
      busy.value = false;
    }
  };
  if (!sources.value) return problem.value ? <Problem error={problem.value} /> : <p class="quiet">{loading}</p>;
  if (!sources.value.length) {
    return (
      <p class="empty">
        {all.noSource} <a href={to.imports(project)}>{nav.imports}</a>
      </p>
    );
  }
  return (
    <form ref={form} class="card upload" noValidate aria-labelledby="comparison-form-title" onSubmit={(event) => void send(event)}>
      <h2 id="comparison-form-title">{say.title}</h2>
      <div class="field">
        <label for="comparison-source">{say.source}</label>
        <select
          id="comparison-source"
          aria-describedby="comparison-source-hint"
          value={source.value}
          onChange={(event) => {
            source.value = event.currentTarget.value;
          }}
        >
          {sources.value.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <p id="comparison-source-hint" class="quiet">
          {say.sourceHint}
        </p>
      </div>
      {drafts.value.map((one, index) => (
        <VariantFields
          key={index}
          draft={one}
          number={index}
          wrong={wrong}
          remove={drafts.value.length > 1 ? () => change(drafts.value.filter((other) => other !== one)) : null}
        />
      ))}
      <div class="buttons">
        <button type="button" class="small" onClick={() => change([...drafts.value, draft("")])}>
          {say.add}
        </button>
      </div>
      <div class="fields">
        <Field id="questions-each" label={say.each} hint={say.eachHint} problem={wrong.get("/body/questions/each") ?? null} value={each} />
        <Field id="questions-seed" label={say.seed} hint={say.seedHint} problem={wrong.get("/body/questions/seed") ?? null} value={seed} />
      </div>
      {problem.value && ![...wrong.keys()].some(hasPlace) && <Problem error={problem.value} />}
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy.value}>
          {say.go}
        </button>
        <button type="button" onClick={discard}>
          {say.discard}
        </button>
      </div>
    </form>
  );
}

interface FieldsProps {
  draft: Draft;
  number: number;
  /** What the API says is wrong, by its pointer into the request. */
  wrong: ReadonlyMap<string, string>;
  remove: (() => void) | null;
}

function VariantFields({ draft: { name, settings, ...services }, number, wrong, remove }: FieldsProps) {
  const { comparisons: all, upload } = words.value;
  const { form: say } = all;
  const id = `variant-${number}`;
  const told = (part: string) => wrong.get(`/body/variants/${number}/${part}`) ?? null;
  const title = say.number(count(number + 1, language.value));
  return (
    <fieldset class="variant" data-number={number}>
      <legend>{title}</legend>
      <div class="fields">
        <Field id={`${id}-name`} label={say.name} hint={say.nameHint} problem={told("name")} value={name} />
        {SETTINGS.map((setting) => (
          <Field key={setting} id={`${id}-${setting}`} label={say.settings[setting]} hint={say.hints[setting]} problem={told(setting)} value={settings[setting]} />
        ))}
        {SERVICES.map((service) => (
          <Choice
            key={service}
            id={`${id}-${service}`}
            label={upload.how[service]}
            none={say.asNew}
            offline={service === "embedder" ? upload.how.offline : upload.how.nobody}
            names={providersFor(service === "embedder" ? "embedding" : "extraction")}
            problem={told(service)}
            value={services[service].value}
            choose={(chosen) => {
              services[service].value = chosen;
            }}
          />
        ))}
      </div>
      {remove && (
        <button type="button" class="small" aria-label={`${say.remove}: ${title}`} onClick={remove}>
          {say.remove}
        </button>
      )}
    </fieldset>
  );
}

function requested({ name, settings, embedder, extractor }: Draft): VariantRequest {
  const numbers = Object.assign({}, ...SETTINGS.map((setting) => typed(setting, settings[setting].value))) as Pick<VariantRequest, Setting>;
  return { name: name.value.trim(), ...numbers, embedder: embedder.value, extractor: extractor.value };
}

/** What was typed as a number, or as it is where it is none; nothing where it is empty. */
function typed<Name extends string>(name: Name, text: string): Partial<Record<Name, number | string>> {
  const trimmed = text.trim();
  const number = Number(trimmed);
  return (trimmed ? { [name]: Number.isNaN(number) ? trimmed : number } : {}) as Partial<Record<Name, number | string>>;
}

function partsOf(error: Error | null): ReadonlyMap<string, string> {
  const parts = (error instanceof ApiError && error.problem.errors) || [];
  return new Map(parts.map(({ pointer, detail }) => [pointer, detail]));
}

function hasPlace(pointer: string): boolean {
  return /^\/body\/(variants\/\d+|questions)\/[a-z]+$/.test(pointer);
}
