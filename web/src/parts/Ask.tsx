import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { words } from "../words/language";
import { Problem } from "./Problem";

interface Props {
  /** The ids of its parts begin with it. */
  id: string;
  title: string;
  /** Of the button that does it. */
  go: string;
  /** Whether something goes that does not come back. */
  danger?: boolean;
  ready?: boolean;
  run: () => Promise<void>;
  close: () => void;
  children: ComponentChildren;
}

/** Asks before something is done, and stays to say why where it was not. */
export function Ask({ id, title, go, danger = false, ready = true, run, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const problem = useSignal<Error | null>(null);
  const busy = useSignal(false);
  useLayoutEffect(() => dialog.current?.showModal(), []); // before any key that is meant for it
  const able = ready && !busy.value;
  const send = async (event: Event) => {
    event.preventDefault();
    if (!able) return;
    busy.value = true;
    problem.value = null;
    try {
      await run();
      dialog.current?.close();
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} aria-describedby={`${id}-text`} onClose={close}>
      <form class="removal" onSubmit={(event) => void send(event)}>
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
        {problem.value && <Problem error={problem.value} />}
        <div class="buttons">
          <button type="submit" class={danger ? "danger" : "primary"} aria-disabled={!able}>
            {go}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {words.value.settings.dismiss}
          </button>
        </div>
      </form>
    </dialog>
  );
}
