import type { Import } from "../api/types";
import { language, words } from "../words/language";
import { count } from "../words/numbers";
import { nameOf } from "./names";

/** Of an import: which providers are asked, or were, in the place of others and why, and what has no facts and why. */
export function Fallbacks({ view }: { view: Import }) {
  const { providers: say } = words.value;
  const shown = (value: number) => count(value, language.value);
  return (
    <>
      {view.fallbacks.map((used) => (
        <p key={used.instead_of} class="last-error" data-fallback={used.instead_of}>
          <strong>{(used.active ? say.standsIn : say.stoodIn)(nameOf(used.provider), nameOf(used.instead_of), shown(used.passages))}</strong> {used.message}
        </p>
      ))}
      {view.without_facts.map((lacking) => (
        <p key={lacking.provider + lacking.message} class="last-error" data-without-facts={lacking.provider}>
          <strong>{say.withoutFacts(shown(lacking.passages))}</strong> {lacking.message}
        </p>
      ))}
      {view.without_vectors?.passages ? (
        <p class="last-error" data-without-vectors={view.without_vectors.provider}>
          <strong>{say.withoutVectors(shown(view.without_vectors.passages))}</strong> {view.without_vectors.message}
        </p>
      ) : null}
    </>
  );
}
