import type { Signal } from "@preact/signals";
import { language, words } from "../words/language";
import { count } from "../words/numbers";

export function kindName(kind: string): string {
  return words.value.graph.nodeKinds[kind.toLowerCase()] ?? kind;
}

export function oneOf(kind: string): string {
  return words.value.graph.oneOf[kind.toLowerCase()] ?? kind;
}

/** Kinds with their colours; each can be taken out of the drawing. */
export function Legend({ kinds, hidden }: { kinds: ReadonlyMap<string, number>; hidden: Signal<ReadonlySet<string>> }) {
  const toggle = (kind: string) => {
    const next = new Set(hidden.value);
    if (!next.delete(kind)) next.add(kind);
    hidden.value = next;
  };
  return (
    <ul class="legend" aria-label={words.value.graph.kinds}>
      {[...kinds].map(([kind, number]) => (
        <li key={kind}>
          <button type="button" aria-pressed={!hidden.value.has(kind)} onClick={() => toggle(kind)}>
            <i class={`dot kind-${kind.toLowerCase()}`} aria-hidden="true" />
            {kindName(kind)} <span class="quiet">{count(number, language.value)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
