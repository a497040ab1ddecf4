import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Extent } from "../api/types";
import { language, words } from "../words/language";
import { count, size } from "../words/numbers";
import { Ask } from "./Ask";
import { Problem } from "./Problem";

interface Props {
  title: string;
  hint: string;
  /** Of the button that does it. */
  go: string;
  /** What has to be typed first, where there is no way back. */
  typed?: string;
  /** Tells what would go, and takes nothing away. */
  rehearse: () => Promise<Extent>;
  told: (extent: Record<keyof Extent, string>) => string;
  remove: () => Promise<void>;
  close: () => void;
}

/** Asks before something is taken away, and says first how much that is. */
export function Removal({ title, hint, go, typed, rehearse, told, remove, close }: Props) {
  const extent = useSignal<Extent | null>(null);
  const problem = useSignal<Error | null>(null);
  const confirmed = useSignal("");
  const { settings: say } = words.value;
  useEffect(() => {
    rehearse().then(
      (found) => {
        extent.value = found;
      },
      (error: Error) => {
        problem.value = error;
      },
    );
  }, []);
  const ready = extent.value !== null && (typed === undefined || confirmed.value === typed);
  return (
    <Ask id="removal" title={title} go={go} danger ready={ready} run={remove} close={close}>
      <p id="removal-text" class="extent" role="status">
        {extent.value ? told(spelt(extent.value)) : problem.value ? "" : say.counting}
      </p>
      <p class="quiet">{hint}</p>
      {typed !== undefined && (
        <div class="field">
          <label for="removal-typed">{say.typeKey(typed)}</label>
          <input
            id="removal-typed"
            autocomplete="off"
            spellcheck={false}
            value={confirmed.value}
            onInput={(event) => {
              confirmed.value = event.currentTarget.value;
            }}
          />
        </div>
      )}
      {problem.value && <Problem error={problem.value} />}
    </Ask>
  );
}

function spelt(extent: Extent): Record<keyof Extent, string> {
  const shown = (value: number) => count(value, language.value);
  return { documents: shown(extent.documents), items: shown(extent.items), blobs: shown(extent.blobs), bytes: size(extent.bytes) };
}
