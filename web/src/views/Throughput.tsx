import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { type History, PLOTTED, type Sample } from "../live/history";
import { colour, dark } from "../parts/theme";
import { language, words } from "../words/language";
import { clock } from "../words/numbers";

const OVER_S = 4;
const HEIGHT = 190;
const STEPS_S = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];
const COLOURS = ["series-1", "series-2", "series-3"] as const;

export function Throughput({ history }: { history: History }) {
  const place = useRef<HTMLDivElement>(null);
  const { detail, stages } = words.value;
  const enough = history.samples.value.length > 1;
  useEffect(() => {
    const element = place.current;
    if (!element || !enough) return;
    const plot = new uPlot(options(element.clientWidth, PLOTTED.map((name) => stages[name])), rates(history.samples.peek()), element);
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const forget = history.samples.subscribe((samples) => plot.setData(rates(samples)));
    return () => {
      forget();
      resized.disconnect();
      plot.destroy();
    };
  }, [enough, dark.value, language.value, history]);
  useSignalEffect(() => void dark.value);
  return (
    <section class="card" aria-labelledby="throughput-title">
      <h2 id="throughput-title">{detail.throughput}</h2>
      <p class="quiet">{enough ? detail.throughputHint : detail.noSamples}</p>
      {enough && (
        <ul class="key" aria-hidden="true">
          {PLOTTED.map((name, index) => (
            <li key={name} class={COLOURS[index]}>
              {stages[name]}
            </li>
          ))}
        </ul>
      )}
      <div ref={place} class="plot" role="img" aria-label={`${detail.throughput}: ${detail.throughputHint}`} />
    </section>
  );
}

/** Items a second in each stage, over the last seconds before each sample. */
export function rates(samples: readonly Sample[]): uPlot.AlignedData {
  const rows = PLOTTED.map((_, series) =>
    samples.map((sample, index) => {
      let from = index;
      while (from > 0 && sample.at - samples[from]!.at < OVER_S) from--;
      const span = sample.at - samples[from]!.at;
      return span > 0 ? Math.max(0, (sample.done[series]! - samples[from]!.done[series]!) / span) : 0;
    }),
  );
  return [samples.map((sample) => sample.at), ...rows];
}

function options(width: number, names: readonly string[]): uPlot.Options {
  const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 90, size: 26, incrs: STEPS_S, values: (_plot, times) => times.map((at) => clock(new Date(at * 1000), language.value)) },
      { ...axis, size: 36 },
    ],
    series: [
      {},
      ...names.map((label, index) => ({ label, stroke: colour(COLOURS[index]!), width: 2, points: { show: false } })),
    ],
  };
}
