import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/language";
import { Problem } from "./Problem";

interface Props {
  /** As it is called now. */
  name: string;
  save: (name: string) => Promise<void>;
}

const LONGEST = 200;

/** A button that becomes a field; Escape gives the name back as it was. */
export function Rename({ name, save }: Props) {
  const open = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { settings: say } = words.value;
  const close = () => {
    open.value = false;
    requestAnimationFrame(() => opener.current?.focus());
  };
  if (open.value) return <Form name={name} save={save} close={close} />;
  return (
    <button
      ref={opener}
      type="button"
      class="small"
      aria-label={`${say.rename}: ${name}`}
      onClick={() => {
        open.value = true;
      }}
    >
      {say.rename}
    </button>
  );
}

function Form({ name, save, close }: Props & { close: () => void }) {
  const text = useSignal(name);
  const problem = useSignal<Error | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const { settings: say } = words.value;
  useEffect(() => input.current?.select(), []);
  const send = async (event: Event) => {
    event.preventDefault();
    problem.value = null;
    try {
      await save(text.value.trim());
      close();
    } catch (error) {
      problem.value = error as Error;
    }
  };
  return (
    <form class="rename" onSubmit={(event) => void send(event)} onKeyDown={(event) => event.key === "Escape" && close()}>
      <input
        ref={input}
        aria-label={say.name}
        required
        maxLength={LONGEST}
        autocomplete="off"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="primary">
        {say.save}
      </button>
      <button type="button" onClick={close}>
        {say.dismiss}
      </button>
      {problem.value && <Problem error={problem.value} />}
    </form>
  );
}
