import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Import } from "../api/types";
import { navigate, route, to } from "../router";
import { BadSelection, type Cargo, cargoOf, chosen, dropped, type Found } from "../upload/selection";
import { Upload } from "../upload/sending";
import { words } from "../words/language";
import { RepositoryForm } from "./RepositoryForm";
import { UploadForm } from "./UploadForm";
import { UploadProgress } from "./UploadProgress";

// An upload goes on while somebody looks at another view, and is shown again when they come back.
const cargo = signal<Cargo | null>(null);
const upload = signal<Upload | null>(null);

/** From a dropped library to the import that it became. */
export function NewImport({ project, imports }: { project: string | null; imports: readonly Import[] }) {
  const problem = useSignal<string | null>(null);
  const reading = useSignal(false);
  const named = useSignal(false);
  const { upload: say } = words.value;

  useEffect(() => {
    // A file that misses the zone would otherwise replace the page.
    const keep = (event: DragEvent) => event.preventDefault();
    window.addEventListener("dragover", keep);
    window.addEventListener("drop", keep);
    return () => {
      window.removeEventListener("dragover", keep);
      window.removeEventListener("drop", keep);
    };
  }, []);
  const take = async (find: () => Promise<Found[]> | Found[]) => {
    problem.value = null;
    reading.value = true;
    try {
      cargo.value = await cargoOf(await find());
    } catch (error) {
      if (!(error instanceof BadSelection)) throw error;
      problem.value = error.code === "none" ? say.nothing : say.several(error.names.join(", "));
    } finally {
      reading.value = false;
    }
  };
  const begin = (begun: Upload) => {
    upload.value = begun;
    void begun.run().then(() => {
      const { step } = begun;
      if (step.value.kind !== "submitted") return;
      const { import: view } = step.value.answer;
      upload.value = cargo.value = null;
      if (route.peek().view === "imports") navigate(to.import(view.project, view.id));
    });
  };
  const discard = () => {
    upload.value?.abandon();
    upload.value = cargo.value = null;
  };
  return (
    <section class="new" aria-labelledby="new-title">
      <h2 id="new-title" class="sr">
        {say.title}
      </h2>
      {upload.value ? (
        <UploadProgress upload={upload.value} again={() => begin(new Upload(cargo.value!, upload.value!.project, upload.value!.name))} discard={discard} />
      ) : cargo.value ? (
        <UploadForm
          cargo={cargo.value}
          project={project}
          imports={imports}
          start={(into, name) => begin(new Upload(cargo.value!, into, name))}
          discard={discard}
        />
      ) : named.value ? (
        <RepositoryForm
          project={project}
          imports={imports}
          discard={() => {
            named.value = false;
          }}
        />
      ) : (
        <DropZone
          take={take}
          reading={reading.value}
          name={() => {
            problem.value = null;
            named.value = true;
          }}
        />
      )}
      {problem.value && (
        <p class="problem" role="alert">
          {problem.value}
        </p>
      )}
    </section>
  );
}

interface DropProps {
  take: (find: () => Promise<Found[]> | Found[]) => Promise<void>;
  reading: boolean;
  /** To name a repository instead. */
  name: () => void;
}

function DropZone({ take, reading, name }: DropProps) {
  const over = useSignal(false);
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const { upload: say } = words.value;
  const pick = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    if (input.files?.length) void take(() => chosen(input.files!)).finally(() => (input.value = ""));
  };
  return (
    <div
      class={`drop${over.value ? " over" : ""}`}
      onDragOver={() => {
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        over.value = false;
        const items = event.dataTransfer?.items;
        if (items) void take(() => dropped(items));
      }}
    >
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <path d="M24 30V10m-8 8l8-8l8 8M8 30v6a4 4 0 0 0 4 4h24a4 4 0 0 0 4-4v-6" />
      </svg>
      <div>
        <p class="drop-text" role="status">
          {reading ? say.reading : say.drop}
        </p>
        <p class="quiet">{say.hint}</p>
      </div>
      <div class="buttons">
        <button type="button" onClick={() => folder.current?.click()}>
          {say.folder}
        </button>
        <button type="button" onClick={() => files.current?.click()}>
          {say.file}
        </button>
        <button type="button" onClick={name}>
          {say.repository.choose}
        </button>
      </div>
      <input ref={folder} id="choose-folder" type="file" hidden onChange={pick} {...{ webkitdirectory: true }} />
      <input ref={files} id="choose-files" type="file" hidden multiple onChange={pick} />
    </div>
  );
}
