import { useSignal } from "@preact/signals";
import type { LibraryRequest } from "../api/types";
import { Field } from "../parts/Field";
import { placeOf } from "../upload/library";
import { words } from "../words/language";
import { FetchedForm, NameFields, type Props, useTyped } from "./FetchedForm";

/** From the address of a library at zotero.org, which a worker fetches, to its import. */
export function LibraryForm(props: Props<LibraryRequest>) {
  const { request: last } = props;
  const typed = useTyped(props);
  const address = useSignal(last.library && [last.library, last.collection].filter(Boolean).join("/collections/"));
  const { library, repository } = words.value.upload;
  const place = placeOf(address.value);
  return (
    <FetchedForm id="library" title={library.title} of={props} typed={typed} request={place && { ...last, ...place }} called={place?.library ?? ""}>
      <Field
        id="library-address"
        placeholder="https://www.zotero.org/groups/…"
        label={library.address}
        hint={library.addressHint}
        problem={typed.tried.value && !place ? library.badAddress : null}
        value={address}
      />
      <div class="fields">
        <Field id="library-credential" label={repository.credential} hint={library.credentialHint} value={typed.credential} />
        <NameFields id="library" hint={library.nameHint} imports={props.imports} typed={typed} />
      </div>
    </FetchedForm>
  );
}
