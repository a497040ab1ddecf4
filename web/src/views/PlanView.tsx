import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Preview } from "../api/types";
import { now } from "../live/clock";
import { PlanCounts } from "../parts/PlanCounts";
import { Problem } from "../parts/Problem";
import type { Planning } from "../upload/planning";
import { language, words } from "../words/language";
import { count, duration, size } from "../words/numbers";

interface Props {
  planning: Planning;
  start: () => Promise<void>;
  back: () => void;
  discard: () => void;
}

/** What an import would do: what there is to read, what is left out and why, what would go. */
export function PlanView({ planning, start, back, discard }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const busy = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { upload: say } = words.value;
  const step = planning.step.value;
  useEffect(() => heading.current?.focus(), [step.kind]);
  const send = async () => {
    if (busy.value) return;
    busy.value = true;
    problem.value = null;
    try {
      await start();
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="card upload plan" aria-labelledby="plan-title" data-plan={step.kind}>
      <h3 id="plan-title" ref={heading} tabIndex={-1}>
        {say.plan.title(planning.order.name)} <span class="tag">{planning.order.project}</span>
      </h3>
      {step.kind === "making" && (
        <>
          <progress max={1} aria-label={say.plan.making} />
          <p>
            <span role="status">{say.plan.making}</span>{" "}
            <span class="quiet">{duration((now.value - planning.since) / 1000, language.value)}</span>
          </p>
        </>
      )}
      {step.kind === "failed" && <Problem error={step.error} />}
      {step.kind === "ready" && <Told preview={step.preview} />}
      {problem.value && <Problem error={problem.value} />}
      <div class="buttons">
        {step.kind !== "failed" && (
          <button type="button" class="primary" aria-disabled={busy.value} onClick={() => void send()}>
            {step.kind === "ready" ? say.start : say.plan.unseen}
          </button>
        )}
        <button type="button" onClick={back}>
          {say.plan.back}
        </button>
        <button type="button" onClick={discard}>
          {say.discard}
        </button>
      </div>
    </section>
  );
}

function Told({ preview }: { preview: Preview }) {
  const { upload: say, codes } = words.value;
  const shown = (value: number) => count(value, language.value);
  const { items, files, bytes, chunks, tokens, left_out: left } = preview;
  const idle = !(items.added || items.changed || items.removed || items.duplicate);
  return (
    <>
      <p class="quiet">
        {say.plan.nothingDone}
        {preview.revision && ` ${say.plan.revision(preview.revision.commit.slice(0, 10))}`}
      </p>
      <PlanCounts items={items} />
      <p>{idle ? say.plan.idle : files || chunks ? say.plan.sizes(shown(files), size(bytes), shown(chunks), shown(tokens)) : say.plan.nothingToRead}</p>
      {preview.needs_approval && <p class="warning">{say.plan.removesMuch}</p>}
      <Samples title={say.plan.removed} samples={[{ count: items.removed, why: say.plan.gone, examples: preview.removed }]} />
      <Samples title={say.plan.leftOut} samples={left.map(({ code, count, examples }) => ({ count, why: (codes as Record<string, string>)[code] ?? code, examples }))} />
      <Samples title={say.plan.duplicates} samples={[{ count: items.duplicate, why: say.plan.same, examples: preview.duplicates }]} />
    </>
  );
}

interface Sample {
  count: number;
  why: string;
  /** Some of them. */
  examples: readonly string[];
}

function Samples({ title, samples }: { title: string; samples: readonly Sample[] }) {
  const some = samples.filter((sample) => sample.count);
  if (!some.length) return null;
  return (
    <div>
      <h4>{title}</h4>
      <ul class="samples">
        {some.map(({ count: many, why, examples }) => (
          <li key={why}>
            <strong>{count(many, language.value)}</strong> {why}
            {examples.length > 0 && (
              <span class="quiet">
                {": "}
                {examples.join(", ")}
                {many > examples.length && ", …"}
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
