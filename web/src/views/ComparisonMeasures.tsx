import { type Signal, useSignal } from "@preact/signals";
import { closed, type Comparison, type Estimate, type Measures, type Variant } from "../api/types";
import { best, interval, type MeasureName, MEASURES, type Row, rowsOf } from "../words/comparing";
import { language, words } from "../words/language";
import { count, duration, money, size } from "../words/numbers";

const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The measures of retrieval side by side: one of them drawn with its intervals, all of them in a table. */
export function ComparisonMeasures({ view }: { view: Comparison }) {
  const measure = useSignal<MeasureName>("ndcg_10");
  const { comparisons: say } = words.value;
  const rows = rowsOf(view);
  if (!rows.size && closed(view)) return null;
  return (
    <section class="card measures" aria-labelledby="measures-title">
      <div class="title">
        <h2 id="measures-title">{say.measures}</h2>
        {rows.size > 0 && <Chooser measure={measure} />}
      </div>
      <p class="quiet">{rows.size ? say.measuresHint : say.noMeasures}</p>
      <div class="columns">
        {[...rows].map(([spoken, asked]) => (
          <section key={spoken} class="plots" data-language={spoken} aria-label={say.languages[spoken]}>
            <h3>{say.languages[spoken]}</h3>
            {asked.map((row) => (
              <Plot key={row.kind} row={row} measure={measure.value} />
            ))}
          </section>
        ))}
      </div>
      {rows.size > 0 && <Table view={view} rows={rows} />}
    </section>
  );
}

function Chooser({ measure }: { measure: Signal<MeasureName> }) {
  const { comparisons: say } = words.value;
  return (
    <select
      aria-label={say.measure}
      value={measure.value}
      onChange={(event) => {
        measure.value = event.currentTarget.value as MeasureName;
      }}
    >
      {MEASURES.map((name) => (
        <option key={name} value={name}>
          {say.names[name]}
        </option>
      ))}
    </select>
  );
}

/** A line from 0 to 1 for each variant, on it the mean as a dot and its interval; the same in figures beside it. */
function Plot({ row, measure }: { row: Row; measure: MeasureName }) {
  const { comparisons: say } = words.value;
  const top = best(row, measure);
  return (
    <figure class="whiskers">
      <figcaption>
        {say.kinds[row.kind]} <span class="quiet">{say.questions(count(row.questions, language.value))}</span>
      </figcaption>
      <ul>
        {[...row.measures].map(([name, measures]) => {
          const found = measures[measure]!;
          return (
            <li key={name} class={found.value === top ? "best" : ""} data-plotted={name}>
              <span class="plotted">{name}</span>
              <Whisker estimate={found} />
              <span class="value">
                <strong>{found.value.toFixed(3)}</strong> <span class="sr">{say.interval(found.low.toFixed(3), found.high.toFixed(3))}</span>
              </span>
            </li>
          );
        })}
        <li class="axis" aria-hidden="true">
          <svg class="span">
            {TICKS.map((tick) => (
              <text key={tick} x={at(tick)} y="1em" text-anchor="middle">
                {tick}
              </text>
            ))}
          </svg>
        </li>
      </ul>
    </figure>
  );
}

function Whisker({ estimate: { value, low, high } }: { estimate: Estimate }) {
  return (
    <svg class="span" aria-hidden="true">
      <title>{interval({ value, low, high })}</title>
      {TICKS.map((tick) => (
        <line key={tick} class="tick" x1={at(tick)} x2={at(tick)} y1="0" y2="100%" />
      ))}
      <line class="whisker" x1={at(low)} x2={at(high)} y1="50%" y2="50%" />
      {[low, high].map((end, side) => (
        <line key={side} class="whisker" x1={at(end)} x2={at(end)} y1="32%" y2="68%" />
      ))}
      <circle cx={at(value)} cy="50%" r="4.5" />
    </svg>
  );
}

function at(fraction: number): string {
  return `${(100 * fraction).toFixed(2)}%`;
}

function Table({ view, rows }: { view: Comparison; rows: ReadonlyMap<Row["language"], readonly Row[]> }) {
  const { comparisons: say } = words.value;
  const names = view.variants.filter(({ measures }) => measures.retrieval).map(({ name }) => name);
  return (
    <details class="all-measures" open>
      <summary>{say.allMeasures}</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={say.allMeasures}>
        <table class="figures">
          <thead>
            <tr>
              <td />
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {[...rows.values()].flat().map((row) => (
            <tbody key={`${row.language}/${row.kind}`} data-questions={`${row.language}/${row.kind}`}>
              <tr>
                <th scope="rowgroup" colSpan={names.length + 1}>
                  {say.languages[row.language]}, {say.kinds[row.kind]} <span class="quiet">{say.questions(count(row.questions, language.value))}</span>
                </th>
              </tr>
              {MEASURES.map((measure) => (
                <tr key={measure}>
                  <th scope="row">{say.names[measure]}</th>
                  {names.map((name) => (
                    <Cell key={name} found={row.measures.get(name)?.[measure]} top={best(row, measure)} />
                  ))}
                </tr>
              ))}
            </tbody>
          ))}
        </table>
      </div>
    </details>
  );
}

function Cell({ found, top }: { found: Estimate | undefined; top: number | null }) {
  return <td>{found && (found.value === top ? <strong>{interval(found)}</strong> : interval(found))}</td>;
}

type Known = Variant & { measures: { structure: NonNullable<Measures["structure"]> } };

/** How large each graph is, how it hangs together, and what it took. */
export function ComparisonCosts({ view }: { view: Comparison }) {
  const { comparisons: say } = words.value;
  const known = view.variants.filter((variant): variant is Known => !!variant.measures.structure);
  if (!known.length) return null;
  const shown = (value: number) => count(value, language.value);
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  const spent = (tell: (cost: NonNullable<Measures["cost"]>) => string) => (variant: Known) => (variant.measures.cost ? tell(variant.measures.cost) : "");
  const sizes = ["documents", "passages", "concepts", "edges", "components", "orphans"] as const;
  const shares = ["largest_share", "evidence"] as const;
  const rows: [string, (variant: Known) => string][] = [
    ...sizes.map((name): [string, (variant: Known) => string] => [say.facts[name], ({ measures }) => shown(measures.structure[name])]),
    ...shares.map((name): [string, (variant: Known) => string] => [say.facts[name], ({ measures }) => share(measures.structure[name])]),
    [say.costs.tokens, spent(({ tokens }) => shown(tokens))],
    [say.costs.money, spent((cost) => money(cost.money, language.value))],
    [say.costs.bytes, spent(({ bytes }) => size(bytes))],
    [say.costs.seconds, spent(({ seconds }) => duration(seconds, language.value))],
    [say.costs.failed, spent(({ failed }) => shown(failed))],
  ];
  return (
    <section class="card" aria-labelledby="costs-title">
      <h2 id="costs-title">{say.structure}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="costs-title">
        <table class="figures">
          <thead>
            <tr>
              <td />
              {known.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([title, tell]) => (
              <tr key={title}>
                <th scope="row">{title}</th>
                {known.map((variant) => (
                  <td key={variant.name}>{tell(variant)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
