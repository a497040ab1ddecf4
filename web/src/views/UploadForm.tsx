import { useSignal } from "@preact/signals";
import type { Import } from "../api/types";
import { Field } from "../parts/Field";
import { GOOD_NAME, GOOD_PROJECT } from "../parts/names";
import { isForPlan, Send } from "../parts/Send";
import type { Order } from "../upload/order";
import type { Cargo } from "../upload/selection";
import { language, words } from "../words/language";
import { count, size } from "../words/numbers";

interface Props {
  cargo: Cargo;
  project: string | null;
  imports: readonly Import[];
  /** What was asked for before, by somebody who came back to change it. */
  before: Order | null;
  start: (order: Order) => void;
  discard: () => void;
}

export function UploadForm({ cargo, project, imports, before, start, discard }: Props) {
  const projects = [...new Set(imports.map((view) => view.project))];
  const into = useSignal(before?.project ?? project ?? projects[0] ?? "default");
  const name = useSignal(before?.name ?? cargo.name);
  const how = useSignal(before?.options ?? {});
  const tried = useSignal(false);
  const { upload: say } = words.value;
  const goodProject = GOOD_PROJECT.test(into.value);
  const goodName = GOOD_NAME.test(name.value) && name.value.trim().length <= 200;
  const names = new Set(imports.filter((view) => view.project === into.value).map((view) => view.source.name));
  const bytes = cargo.files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <form
      class="card upload"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        tried.value = true;
        if (!goodProject || !goodName) return;
        start({ project: into.value, name: name.value.trim(), plan: isForPlan(event), options: how.value });
      }}
    >
      <p class="upload-summary">
        <strong>{say.kinds[cargo.kind]}</strong>: <strong>{say.summary(count(cargo.files.length, language.value), size(bytes))}</strong>
        {cargo.kind === "bibliography" && <span class="quiet"> {say.bibliographyAlone}</span>}
        {cargo.left > 0 && <span class="quiet"> {say.left(count(cargo.left, language.value))}</span>}
      </p>
      <div class="fields">
        <Field id="upload-name" label={say.name} hint={say.nameHint} problem={goodName || !tried.value ? null : say.badName} value={name} options={[...names]} />
        <Field
          id="upload-project"
          label={say.project}
          hint={say.projectHint}
          problem={goodProject || !tried.value ? null : say.badProject}
          value={into}
          options={projects}
        />
      </div>
      <Send how={how} busy={false} discard={discard} />
    </form>
  );
}
