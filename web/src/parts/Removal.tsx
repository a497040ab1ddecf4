import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Extent } from "../api/types";
import { language, words } from "../words/language";
import { count, size } from "../words/numbers";
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
  const dialog = useRef<HTMLDialogElement>(null);
  const extent = useSignal<Extent | null>(null);
  const problem = useSignal<Error | null>(null);
  const confirmed = useSignal("");
  const busy = useSignal(false);
  const { settings: say } = words.value;
  useEffect(() => {
    dialog.current?.showModal();
    rehearse().then(
      (found) => {
        extent.value = found;
      },
      (error: Error) => {
        problem.value = error;
      },
    );
  }, []);
  const ready = extent.value !== null && !busy.value && (typed === undefined || confirmed.value === typed);
  const send = async (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    busy.value = true;
    problem.value = null;
    try {
      await remove();
      dialog.current?.close();
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="removal-title" aria-describedby="removal-extent" onClose={close}>
      <form class="removal" onSubmit={(event) => void send(event)}>
        <h2 id="removal-title">{title}</h2>
        <p id="removal-extent" class="extent" role="status">
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
        <div class="buttons">
          <button type="submit" class="danger" aria-disabled={!ready}>
            {go}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {say.dismiss}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function spelt(extent: Extent): Record<keyof Extent, string> {
  const shown = (value: number) => count(value, language.value);
  return { documents: shown(extent.documents), items: shown(extent.items), blobs: shown(extent.blobs), bytes: size(extent.bytes) };
}
