import { useSignal } from "@preact/signals";
import type { Import, RepositoryRequest } from "../api/types";
import { Field } from "../parts/Field";
import { words } from "../words/language";
import { FetchedForm, NameFields, type Props, useTyped } from "./FetchedForm";

/** From the address of a repository, which a worker fetches, to its import. */
export function RepositoryForm(props: Props<RepositoryRequest>) {
  const { request: last, imports } = props;
  const typed = useTyped(props);
  const url = useSignal(last.url);
  const ref = useSignal(last.ref ?? "");
  const include = useSignal(last.include.join("\n"));
  const exclude = useSignal(last.exclude.join("\n"));
  const { repository } = words.value.upload;
  const address = url.value.trim();
  const request: RepositoryRequest | null = address
    ? { kind: "git", url: address, ref: ref.value.trim() || null, include: lines(include.value), exclude: lines(exclude.value) }
    : null;
  const called = address.replace(/^https?:\/\//, "").replace(/\.git$/, "");
  return (
    <FetchedForm id="repository" title={repository.title} of={props} typed={typed} request={request} called={called}>
      <Field
        id="repository-url"
        type="url"
        placeholder="https://"
        label={repository.url}
        hint={repository.urlHint}
        problem={typed.tried.value && !request ? repository.badUrl : null}
        value={url}
        options={known(imports)}
      />
      <div class="fields">
        <Field id="repository-ref" label={repository.ref} hint={repository.refHint} value={ref} />
        <NameFields id="repository" hint={repository.nameHint} imports={imports} typed={typed} />
      </div>
      <details open={last.include.length + last.exclude.length > 0 || !!last.credential}>
        <summary>{repository.more}</summary>
        <div class="fields">
          <Field id="repository-include" rows={3} label={repository.include} hint={repository.patterns} value={include} />
          <Field id="repository-exclude" rows={3} label={repository.exclude} hint={repository.patterns} value={exclude} />
          <Field id="repository-credential" label={repository.credential} hint={repository.credentialHint} value={typed.credential} />
        </div>
      </details>
    </FetchedForm>
  );
}

function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}

/** The repositories that were imported before. */
function known(imports: readonly Import[]): string[] {
  return [...new Set(imports.flatMap(({ source }) => source.repository?.url ?? []))];
}
