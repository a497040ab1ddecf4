import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Import, RepositoryRequest } from "../api/types";
import { Field } from "../parts/Field";
import { GOOD_NAME, GOOD_PROJECT } from "../parts/names";
import { Problem } from "../parts/Problem";
import { isForPlan, Send } from "../parts/Send";
import type { Order } from "../upload/order";
import { words } from "../words/language";

interface Props {
  project: string | null;
  imports: readonly Import[];
  /** As it stands, and what was asked for before, by somebody who came back to change it. */
  request: RepositoryRequest;
  before: Order | null;
  start: (order: Order, request: RepositoryRequest) => Promise<void>;
  discard: () => void;
}

/** From the address of a repository, which a worker fetches, to its import. */
export function RepositoryForm({ project, imports, request: last, before, start, discard }: Props) {
  const projects = [...new Set(imports.map((view) => view.project))];
  const url = useSignal(last.url);
  const ref = useSignal(last.ref ?? "");
  const name = useSignal(last.name ?? "");
  const into = useSignal(before?.project ?? project ?? projects[0] ?? "default");
  const include = useSignal(last.include.join("\n"));
  const exclude = useSignal(last.exclude.join("\n"));
  const credential = useSignal(last.credential ?? "");
  const how = useSignal(before?.options ?? {});
  const tried = useSignal(false);
  const busy = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { upload: say } = words.value;
  const { repository } = say;
  useEffect(() => document.getElementById("repository-url")?.focus(), []);
  const wrong = {
    url: url.value.trim() ? null : repository.badUrl,
    name: !name.value.trim() || GOOD_NAME.test(name.value) ? null : say.badName,
    into: GOOD_PROJECT.test(into.value) ? null : say.badProject,
  };
  const told = (problem: string | null) => (tried.value ? problem : null);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    tried.value = true;
    if (busy.value || Object.values(wrong).some(Boolean)) return;
    busy.value = true;
    problem.value = null;
    const request: RepositoryRequest = {
      kind: "git",
      url: url.value.trim(),
      ref: ref.value.trim() || null,
      name: name.value.trim() || null,
      include: lines(include.value),
      exclude: lines(exclude.value),
      credential: credential.value.trim() || null,
    };
    try {
      const called = request.name ?? request.url.replace(/^https?:\/\//, "").replace(/\.git$/, "");
      await start({ project: into.value, name: called, plan: isForPlan(event), options: how.value }, request);
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card upload" noValidate aria-labelledby="repository-title" onSubmit={(event) => void send(event)}>
      <h3 id="repository-title">{repository.title}</h3>
      <Field id="repository-url" type="url" placeholder="https://" label={repository.url} hint={repository.urlHint} problem={told(wrong.url)} value={url} options={known(imports)} />
      <div class="fields">
        <Field id="repository-ref" label={repository.ref} hint={repository.refHint} value={ref} />
        <Field id="repository-name" label={repository.name} hint={repository.nameHint} problem={told(wrong.name)} value={name} />
        <Field id="upload-project" label={say.project} hint={say.projectHint} problem={told(wrong.into)} value={into} options={projects} />
      </div>
      <details open={last.include.length + last.exclude.length > 0 || !!last.credential}>
        <summary>{repository.more}</summary>
        <div class="fields">
          <Field id="repository-include" rows={3} label={repository.include} hint={repository.patterns} value={include} />
          <Field id="repository-exclude" rows={3} label={repository.exclude} hint={repository.patterns} value={exclude} />
          <Field id="repository-credential" label={repository.credential} hint={repository.credentialHint} value={credential} />
        </div>
      </details>
      {problem.value && <Problem error={problem.value} />}
      <Send how={how} busy={busy.value} discard={discard} />
    </form>
  );
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** The repositories that were imported before. */
function known(imports: readonly Import[]): string[] {
  return [...new Set(imports.flatMap(({ source }) => source.repository?.url ?? []))];
}
