import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Import, LibraryRequest } from "../api/types";
import { Field } from "../parts/Field";
import { GOOD_NAME, GOOD_PROJECT } from "../parts/names";
import { Problem } from "../parts/Problem";
import { isForPlan, Send } from "../parts/Send";
import { placeOf } from "../upload/library";
import type { Order } from "../upload/order";
import { words } from "../words/language";

interface Props {
  project: string | null;
  imports: readonly Import[];
  /** As it stands, and what was asked for before, by somebody who came back to change it. */
  request: LibraryRequest;
  before: Order | null;
  start: (order: Order, request: LibraryRequest) => Promise<void>;
  discard: () => void;
}

/** From the address of a library at zotero.org, which a worker fetches, to its import. */
export function LibraryForm({ project, imports, request: last, before, start, discard }: Props) {
  const projects = [...new Set(imports.map((view) => view.project))];
  const address = useSignal(last.library && [last.library, last.collection].filter(Boolean).join("/collections/"));
  const name = useSignal(last.name ?? "");
  const into = useSignal(before?.project ?? project ?? projects[0] ?? "default");
  const credential = useSignal(last.credential ?? "");
  const how = useSignal(before?.options ?? {});
  const tried = useSignal(false);
  const busy = useSignal(false);
  const problem = useSignal<Error | null>(null);
  const { upload: say } = words.value;
  const { library } = say;
  useEffect(() => document.getElementById("library-address")?.focus(), []);
  const place = placeOf(address.value);
  const wrong = {
    address: place ? null : library.badAddress,
    name: !name.value.trim() || GOOD_NAME.test(name.value) ? null : say.badName,
    into: GOOD_PROJECT.test(into.value) ? null : say.badProject,
  };
  const told = (problem: string | null) => (tried.value ? problem : null);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    tried.value = true;
    if (busy.value || !place || Object.values(wrong).some(Boolean)) return;
    busy.value = true;
    problem.value = null;
    const request = { ...last, ...place, name: name.value.trim() || null, credential: credential.value.trim() || null };
    try {
      await start({ project: into.value, name: request.name ?? place.library, plan: isForPlan(event), options: how.value }, request);
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card upload" noValidate aria-labelledby="library-title" onSubmit={(event) => void send(event)}>
      <h3 id="library-title">{library.title}</h3>
      <Field id="library-address" placeholder="https://www.zotero.org/groups/…" label={library.address} hint={library.addressHint} problem={told(wrong.address)} value={address} />
      <div class="fields">
        <Field id="library-credential" label={say.repository.credential} hint={library.credentialHint} value={credential} />
        <Field id="library-name" label={say.repository.name} hint={library.nameHint} problem={told(wrong.name)} value={name} />
        <Field id="upload-project" label={say.project} hint={say.projectHint} problem={told(wrong.into)} value={into} options={projects} />
      </div>
      {problem.value && <Problem error={problem.value} />}
      <Send how={how} busy={busy.value} discard={discard} />
    </form>
  );
}
