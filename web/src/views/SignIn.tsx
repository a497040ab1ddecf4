import { useSignal } from "@preact/signals";
import { signIn } from "../api/session";
import { Problem } from "../parts/Problem";
import { words } from "../words/language";

export function SignIn() {
  const key = useSignal("");
  const problem = useSignal<Error | null>(null);
  const { session } = words.value;
  const enter = async (event: Event) => {
    event.preventDefault();
    problem.value = null;
    try {
      await signIn(key.value.trim());
    } catch (error) {
      problem.value = error as Error;
    }
  };
  return (
    <form class="card sign-in" onSubmit={(event) => void enter(event)}>
      <h2>{session.title}</h2>
      <div class="field">
        <label for="key">{session.key}</label>
        <input
          id="key"
          type="password"
          autocomplete="current-password"
          required
          value={key.value}
          onInput={(event) => {
            key.value = event.currentTarget.value;
          }}
        />
        <p class="quiet">{session.hint}</p>
      </div>
      {problem.value && <Problem error={problem.value} />}
      <button type="submit" class="primary">
        {session.go}
      </button>
    </form>
  );
}
