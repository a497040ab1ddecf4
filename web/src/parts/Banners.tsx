import { look, system, unreachableSince, workerAbsent, workerSeenS } from "../live/system";
import { route } from "../router";
import { language, words } from "../words/language";
import { ago, clock } from "../words/numbers";
import { GateLine } from "./GateLine";

/** What keeps every import from going on, said once for all of them. */
export function Banners() {
  const said = saying();
  const gates = route.value.view === "imports" ? (system.value?.provider_gates ?? []) : [];
  return (
    <div class="banners" role="status">
      {said && (
        <p class="banner" data-banner={said.about}>
          <strong>{said.what}</strong> {said.help}
        </p>
      )}
      {gates.map((gate) => (
        <div class="banner" data-banner="provider" key={gate.provider}>
          <GateLine gate={gate} changed={look} />
        </div>
      ))}
    </div>
  );
}

function saying(): { about: string; what: string; help?: string } | null {
  const say = words.value.system;
  if (unreachableSince.value !== null) {
    return { about: "api", what: say.api(clock(new Date(unreachableSince.value), language.value)) };
  }
  const status = system.value;
  if (!status) return null;
  if (!status.database.ok) return { about: "database", what: say.database };
  if (!status.temporal.ok) return { about: "temporal", what: say.temporal };
  if (!workerAbsent.value) return null;
  const since = workerSeenS.value === null ? null : ago(workerSeenS.value, language.value);
  return { about: "worker", what: say.noWorker(since), help: say.noWorkerHelp };
}
