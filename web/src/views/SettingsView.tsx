import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, Unreachable } from "../api/client";
import { deleteProject, extentOfProject, getProject, listSources, renameProject } from "../api/projects";
import { type Project, type Source, TERMINAL } from "../api/types";
import { lookUpProjects } from "../live/projects";
import { Problem } from "../parts/Problem";
import { Removal } from "../parts/Removal";
import { Rename } from "../parts/Rename";
import { to } from "../router";
import { language, words } from "../words/language";
import { count, day } from "../words/numbers";
import { Sources } from "./Sources";
import { Webhooks } from "./Webhooks";

const EVERY_MS = 2_000;

/** A project and what belongs to it, to be renamed and taken away. */
export function SettingsView({ project: key }: { project: string }) {
  const project = useSignal<Project | null>(null);
  const sources = useSignal<Source[]>([]);
  const problem = useSignal<Error | null>(null);
  const deleted = useSignal(false);
  const { settings: say, loading, detail } = words.value;

  const load = async () => {
    try {
      [project.value, sources.value] = await Promise.all([getProject(key), listSources(key)]);
      problem.value = null;
    } catch (error) {
      deleted.value = error instanceof ApiError && error.status === 404 && project.value !== null;
      if (!(error instanceof Unreachable && project.value)) problem.value = error as Error;
    }
    if (deleted.value) void lookUpProjects();
  };
  useEffect(() => void load(), [key]);
  const moving = project.value?.deleting || sources.value.some((source) => source.last_import && !TERMINAL.has(source.last_import.state));
  useEffect(() => {
    if (!moving || deleted.value) return;
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, [moving, deleted.value]);

  if (deleted.value) {
    return (
      <p class="empty" role="status">
        {say.deleted(key)} <a href="/">{detail.back}</a>
      </p>
    );
  }
  if (!project.value) return problem.value ? <Problem error={problem.value} /> : <p class="quiet">{loading}</p>;
  return (
    <article class="project-settings" data-project={key}>
      <p class="crumbs">
        <a href={to.imports(null)}>{detail.back}</a> / <a href={to.imports(key)}>{key}</a>
      </p>
      {problem.value && <Problem error={problem.value} />}
      <About project={project.value} changed={load} />
      <Sources project={key} sources={sources.value} changed={load} />
      {!project.value.deleting && <Webhooks project={key} />}
    </article>
  );
}

function About({ project, changed }: { project: Project; changed: () => Promise<void> }) {
  const asked = useSignal(false);
  const { settings: say } = words.value;
  const shown = (value: number) => count(value, language.value);
  const facts = [
    say.documents(shown(project.documents)),
    say.sourceCount(shown(project.sources)),
    project.running > 0 && say.running(shown(project.running)),
    say.created(day(project.created_at, language.value)),
  ];
  return (
    <section class="card lead" aria-labelledby="project-title">
      <div class="title">
        <h1 id="project-title">{project.name}</h1>
        {!project.deleting && (
          <Rename
            name={project.name}
            save={async (name) => {
              await renameProject(project.project, name);
              await Promise.all([changed(), lookUpProjects()]);
            }}
          />
        )}
      </div>
      <p class="quiet">
        {say.key}: <code>{project.project}</code>. {say.keyHint}
      </p>
      <ul class="facts">
        {facts.filter(Boolean).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {project.deleting ? (
        <p class="stale" role="status">
          {say.deleting}
        </p>
      ) : (
        <div class="farewell">
          <p class="quiet">{say.deleteHint}</p>
          <button
            type="button"
            class="danger"
            onClick={() => {
              asked.value = true;
            }}
          >
            {say.deleteProject}…
          </button>
        </div>
      )}
      {asked.value && (
        <Removal
          title={say.deleteAsked(project.name)}
          hint={say.deleteHint}
          go={say.deleteProject}
          typed={project.project}
          rehearse={() => extentOfProject(project.project)}
          told={say.goes}
          remove={async () => {
            await deleteProject(project.project);
            await changed();
          }}
          close={() => {
            asked.value = false;
          }}
        />
      )}
    </section>
  );
}
