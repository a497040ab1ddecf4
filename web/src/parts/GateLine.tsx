import { useSignal } from "@preact/signals";
import { resetProvider } from "../api/providers";
import type { Gate } from "../api/types";
import { now } from "../live/clock";
import { language, words } from "../words/language";
import { clock, duration } from "../words/numbers";
import { ofProvider } from "../words/sentence";
import { nameOf } from "./names";
import { Problem } from "./Problem";

interface AskingProps {
  /** Its id. */
  provider: string;
  changed: () => Promise<unknown>;
}

/** Why a provider is left alone, until when, and a way to ask it at once. */
export function GateLine({ gate, changed }: { gate: Gate; changed: AskingProps["changed"] }) {
  const { providers: say } = words.value;
  return (
    <div class="gate" data-gate={gate.state}>
      <p>
        <strong>{gate.state === "operator" ? say.seeTo(nameOf(gate.provider)) : ofProvider(gate, words.value)}</strong> {then(gate)}
      </p>
      <AskAgain provider={gate.provider} changed={changed} />
    </div>
  );
}

/** Asks a provider at once whether it is back. */
export function AskAgain({ provider, changed }: AskingProps) {
  const problem = useSignal<Error | null>(null);
  const { providers: say } = words.value;
  const reset = async () => {
    problem.value = null;
    try {
      await resetProvider(provider);
      await changed();
    } catch (error) {
      problem.value = error as Error;
    }
  };
  return (
    <>
      <button type="button" class="small" aria-label={`${say.reset}: ${nameOf(provider)}`} onClick={() => void reset()}>
        {say.reset}
      </button>
      {problem.value && <Problem error={problem.value} />}
    </>
  );
}

function then(gate: Gate): string {
  const { providers: say } = words.value;
  const left = (Date.parse(gate.resume_at) - now.value) / 1000;
  const when = clock(gate.resume_at, language.value);
  if (gate.state === "operator") return `${gate.message} ${say.askedAgain(when)}`;
  if (gate.state === "knocking" || left < 0) return say.knocking(nameOf(gate.provider));
  return say.away(nameOf(gate.provider), when, duration(left, language.value));
}
