import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Options } from "../api/types";
import { providers } from "../live/providers";
import { words } from "../words/language";
import { Field } from "./Field";
import { nameOf } from "./names";

/** Which services read what is imported, and how dear that may be; nothing where this installation has none. */
export function Reading({ how }: { how: Signal<Options> }) {
  const most = useSignal(how.value.max_cost ? String(how.value.max_cost) : "");
  const { how: say } = words.value.upload;
  useEffect(() => {
    const amount = Number(most.value);
    how.value = { ...how.peek(), max_cost: amount > 0 ? amount : null };
  }, [most.value]);
  if (!providers.value.length) return null;
  const { embedder, extractor, max_cost: cost } = how.value;
  const names = (purpose: string) => providers.value.filter(({ id }) => id.startsWith(`${purpose}.`)).map(({ id }) => nameOf(id));
  return (
    <details open={!!(embedder || extractor || cost)}>
      <summary>{say.title}</summary>
      <div class="fields">
        <Choice
          id="embedder"
          label={say.embedder}
          offline={say.offline}
          names={names("embedding")}
          value={embedder}
          choose={(name) => {
            how.value = { ...how.value, embedder: name };
          }}
        />
        <Choice
          id="extractor"
          label={say.extractor}
          offline={say.nobody}
          names={names("extraction")}
          value={extractor}
          choose={(name) => {
            how.value = { ...how.value, extractor: name };
          }}
        />
        <Field id="max-cost" label={say.most} hint={say.mostHint} problem={most.value.trim() && !(Number(most.value) > 0) ? say.badMost : null} value={most} />
      </div>
      <p class="quiet">{say.hint}</p>
    </details>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  offline: string;
  names: readonly string[];
  value: string | null | undefined;
  choose: (name: string | null) => void;
}

function Choice({ id, label, offline, names, value, choose }: ChoiceProps) {
  const { how: say } = words.value.upload;
  if (!names.length) return null;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value ?? ""} onChange={(event) => choose(event.currentTarget.value || null)}>
        <option value="">{say.asBefore}</option>
        <option value="offline">{offline}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
