import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Import, LibraryRequest, Options, RepositoryRequest } from "../api/types";
import { Field } from "../parts/Field";
import { GOOD_NAME, GOOD_PROJECT } from "../parts/names";
import { Problem } from "../parts/Problem";
import { isForPlan, Send } from "../parts/Send";
import type { Order } from "../upload/order";
import { words } from "../words/language";

export interface Props<Request> {
  project: string | null;
  imports: readonly Import[];
  /** As it stands, and what was asked for before, by somebody who came back to change it. */
  request: Request;
  before: Order | null;
  start: (order: Order, request: Request) => Promise<void>;
  discard: () => void;
}

/** What is typed of every source that a worker fetches. */
export interface Typed {
  name: Signal<string>;
  into: Signal<string>;
  credential: Signal<string>;
  how: Signal<Options>;
  /** Whether it was sent once: till then nothing is called wrong. */
  tried: Signal<boolean>;
}

export function useTyped<Request extends RepositoryRequest | LibraryRequest>({ project, imports, request, before }: Props<Request>): Typed {
  return {
    name: useSignal(request.name ?? ""),
    into: useSignal(before?.project ?? project ?? imports[0]?.project ?? "default"),
    credential: useSignal(request.credential ?? ""),
    how: useSignal<Options>(before?.options ?? {}),
    tried: useSignal(false),
  };
}

interface FormProps<Request> {
  /** The ids of its fields begin with it. */
  id: string;
  title: string;
  of: Props<Request>;
  typed: Typed;
  /** Null while what is typed makes none. */
  request: Request | null;
  /** The source, where nobody names it. */
  called: string;
  children: ComponentChildren;
}

/** From what names a source that a worker fetches to its import or its plan. */
export function FetchedForm<Request extends RepositoryRequest | LibraryRequest>({ id, title, of, typed, request, called, children }: FormProps<Request>) {
  const { name, into, credential, how, tried } = typed;
  const form = useRef<HTMLFormElement>(null);
  const busy = useSignal(false);
  const problem = useSignal<Error | null>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    tried.value = true;
    if (busy.value || !request || Object.values(wrongOf(typed)).some(Boolean)) return;
    busy.value = true;
    problem.value = null;
    const named = { ...request, name: name.value.trim() || null, credential: credential.value.trim() || null };
    try {
      await of.start({ project: into.value, name: named.name ?? called, plan: isForPlan(event), options: how.value }, named);
    } catch (error) {
      problem.value = error as Error;
    } finally {
      busy.value = false;
    }
  };
  return (
    <form ref={form} class="card upload" noValidate aria-labelledby={`${id}-title`} onSubmit={(event) => void send(event)}>
      <h3 id={`${id}-title`}>{title}</h3>
      {children}
      {problem.value && <Problem error={problem.value} />}
      <Send how={how} busy={busy.value} discard={of.discard} />
    </form>
  );
}

/** Under which name, and into which project. */
export function NameFields({ id, hint, imports, typed }: { id: string; hint: string; imports: readonly Import[]; typed: Typed }) {
  const { upload: say } = words.value;
  const wrong = wrongOf(typed);
  const told = (problem: string | null) => (typed.tried.value ? problem : null);
  const projects = [...new Set(imports.map((view) => view.project))];
  return (
    <>
      <Field id={`${id}-name`} label={say.repository.name} hint={hint} problem={told(wrong.name)} value={typed.name} />
      <Field id="upload-project" label={say.project} hint={say.projectHint} problem={told(wrong.into)} value={typed.into} options={projects} />
    </>
  );
}

function wrongOf({ name, into }: Typed): { name: string | null; into: string | null } {
  const { upload: say } = words.value;
  return {
    name: !name.value.trim() || GOOD_NAME.test(name.value) ? null : say.badName,
    into: GOOD_PROJECT.test(into.value) ? null : say.badProject,
  };
}
