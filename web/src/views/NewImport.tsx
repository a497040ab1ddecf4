import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { submitImport } from "../api/client";
import type { Import, LibraryRequest, RepositoryRequest, SourceRequest } from "../api/types";
import { navigate, route, to } from "../router";
import type { Order } from "../upload/order";
import { Planning } from "../upload/planning";
import { BadSelection, type Cargo, cargoOf, chosen, dropped, type Found } from "../upload/selection";
import { Upload } from "../upload/sending";
import { words } from "../words/language";
import { LibraryForm } from "./LibraryForm";
import { PlanView } from "./PlanView";
import { RepositoryForm } from "./RepositoryForm";
import { UploadForm } from "./UploadForm";
import { UploadProgress } from "./UploadProgress";

// An upload or a plan goes on while somebody looks at another view, and is shown again when they come back.
const cargo = signal<Cargo | null>(null);
const named = signal<RepositoryRequest | LibraryRequest | null>(null);
const order = signal<Order | null>(null);
const upload = signal<Upload | null>(null);
const planning = signal<Planning | null>(null);

/** From a dropped library, or what is named for a worker to fetch, to the import that it became. */
export function NewImport({ project, imports }: { project: string | null; imports: readonly Import[] }) {
  const problem = useSignal<string | null>(null);
  const reading = useSignal(false);
  const { upload: say } = words.value;
  const request = named.value;

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
  const begin = async (wanted: Order) => {
    const begun = new Upload(cargo.value!, wanted);
    [order.value, upload.value] = [wanted, begun];
    const next = await begun.run((source) => handOver(wanted, source));
    if (next && upload.value === begun) arrive(next);
  };
  return (
    <section class="new" aria-labelledby="new-title">
      <h2 id="new-title" class="sr">
        {say.title}
      </h2>
      {upload.value ? (
        <UploadProgress upload={upload.value} again={() => void begin(upload.value!.order)} discard={discard} />
      ) : planning.value ? (
        <PlanView
          planning={planning.value}
          start={async () => arrive(await submitImport(planning.value!.order.project, planning.value!.source, planning.value!.order.options))}
          back={() => {
            planning.value?.abandon();
            planning.value = null;
          }}
          discard={discard}
        />
      ) : cargo.value ? (
        <UploadForm cargo={cargo.value} project={project} imports={imports} before={order.value} start={(wanted) => void begin(wanted)} discard={discard} />
      ) : request?.kind === "git" ? (
        <RepositoryForm project={project} imports={imports} request={request} before={order.value} start={fetchNamed} discard={discard} />
      ) : request ? (
        <LibraryForm project={project} imports={imports} request={request} before={order.value} start={fetchNamed} discard={discard} />
      ) : (
        <DropZone
          take={take}
          reading={reading.value}
          name={(kind) => {
            problem.value = null;
            named.value = kind === "git" ? { kind, url: "", include: [], exclude: [] } : { kind, library: "", collections: [], item_types: [], tags: [] };
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

async function fetchNamed(wanted: Order, request: RepositoryRequest | LibraryRequest): Promise<void> {
  [order.value, named.value] = [wanted, request];
  arrive(await handOver(wanted, request));
}

function handOver(wanted: Order, source: SourceRequest): Promise<Import | Planning> {
  return wanted.plan ? Planning.begin(wanted, source) : submitImport(wanted.project, source, wanted.options);
}

function arrive(next: Import | Planning): void {
  upload.value = null;
  if (next instanceof Planning) {
    planning.value = next;
    void next.watch();
    return;
  }
  discard();
  if (route.peek().view === "imports") navigate(to.import(next.project, next.id));
}

function discard(): void {
  upload.value?.abandon();
  planning.value?.abandon();
  upload.value = planning.value = cargo.value = named.value = order.value = null;
}

interface DropProps {
  take: (find: () => Promise<Found[]> | Found[]) => Promise<void>;
  reading: boolean;
  /** To name something that a worker fetches instead. */
  name: (kind: (RepositoryRequest | LibraryRequest)["kind"]) => void;
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
        <button type="button" onClick={() => name("git")}>
          {say.repository.choose}
        </button>
        <button type="button" onClick={() => name("zotero-web")}>
          {say.library.choose}
        </button>
      </div>
      <input ref={folder} id="choose-folder" type="file" hidden onChange={pick} {...{ webkitdirectory: true }} />
      <input ref={files} id="choose-files" type="file" hidden multiple onChange={pick} />
    </div>
  );
}
