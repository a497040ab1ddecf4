import type { Entry } from "../live/history";
import { language, words } from "../words/language";
import { clock } from "../words/numbers";
import { stageName } from "../words/sentence";

export function EventLog({ log, kind }: { log: readonly Entry[]; kind: string }) {
  const { detail } = words.value;
  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">{detail.log}</h2>
      <ol class="log">
        {log.map((entry, index) => (
          <li key={log.length - index}>
            <time>{clock(new Date(entry.at), language.value)}</time>
            <span>{told(entry, kind)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function told(entry: Entry, kind: string): string {
  const { detail, states, stageStates } = words.value;
  switch (entry.kind) {
    case "state":
      return `${detail.logState(states[entry.state])}${entry.reason ? `. ${entry.reason}` : ""}`;
    case "stage":
      return detail.logStage(stageName(entry.stage, kind, words.value), stageStates[entry.state]);
    case "link":
      return detail.logLink(entry.link);
    case "action":
      return detail.logAction(entry.action);
  }
}
