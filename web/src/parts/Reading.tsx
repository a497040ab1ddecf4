import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Options } from "../api/types";
import { providers, providersFor } from "../live/providers";
import { words } from "../words/language";
import { Choice } from "./Choice";
import { Field } from "./Field";

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
  return (
    <details open={!!(embedder || extractor || cost)}>
      <summary>{say.title}</summary>
      <div class="fields">
        <Choice
          id="embedder"
          label={say.embedder}
          none={say.asBefore}
          offline={say.offline}
          names={providersFor("embedding")}
          value={embedder}
          choose={(name) => {
            how.value = { ...how.value, embedder: name };
          }}
        />
        <Choice
          id="extractor"
          label={say.extractor}
          none={say.asBefore}
          offline={say.nobody}
          names={providersFor("extraction")}
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
