import { ApiError, Unreachable } from "../api/client";
import { language, words } from "../words/language";
import { clock } from "../words/numbers";

/** What went wrong, why, and what to do next, as the API says it. */
export function Problem({ error }: { error: Error }) {
  const { errors, system } = words.value;
  if (error instanceof Unreachable) {
    return <p class="problem" role="alert">{system.api(clock(new Date(), language.value))}</p>;
  }
  const problem = error instanceof ApiError ? error.problem : null;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{errors.what}.</strong> {error.message}
      </p>
      {problem?.hint && <p>{problem.hint}</p>}
      {problem?.request_id && (
        <p class="quiet">
          {problem.code} · {errors.request} {problem.request_id}
        </p>
      )}
    </div>
  );
}
