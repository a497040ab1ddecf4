import { useEffect } from "preact/hooks";
import { keyNeeded, signedIn, signOut } from "../api/session";
import { projects, lookUpProjects } from "../live/projects";
import { lookUpProviders, providers } from "../live/providers";
import { navigate, route, to } from "../router";
import { choose, language, words } from "../words/language";
import { type Theme, theme } from "./theme";

export function Masthead() {
  const here = route.value;
  const project = "project" in here ? here.project : null;
  const { nav, session } = words.value;
  useEffect(() => void lookUpProjects(), [here]);
  useEffect(() => {
    if (keyNeeded.value === false) lookUpProviders().catch(() => undefined); // whose key may not see them has no use for them
  }, [keyNeeded.value]);
  return (
    <header class="masthead">
      <a class="logo" href="/">
        <img src="/icon.svg" alt="" width="28" height="28" />
        Longshore
      </a>
      <select
        class="project"
        aria-label={nav.project}
        value={project ?? ""}
        onChange={(event) => go(event.currentTarget.value || null)}
      >
        <option value="">{nav.allProjects}</option>
        {known(project).map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
      <nav>
        <Tab href={to.imports(project)} here={here.view === "imports" || here.view === "import"} text={nav.imports} />
        {project !== null && <Tab href={to.graph(project)} here={here.view === "graph"} text={nav.graph} />}
        {project !== null && <Tab href={to.search(project)} here={here.view === "search"} text={nav.search} />}
        {project !== null && (
          <Tab href={to.comparisons(project)} here={here.view === "comparisons" || here.view === "comparison"} text={nav.comparisons} />
        )}
        {project !== null && <Tab href={to.settings(project)} here={here.view === "settings"} text={nav.settings} />}
        {project === null && providers.value.length > 0 && <Tab href={to.providers()} here={here.view === "providers"} text={nav.providers} />}
      </nav>
      <div class="settings">
        <ThemeSwitch />
        <button type="button" class="small" lang={language.value === "ko" ? "en" : "ko"} onClick={() => choose(language.value === "ko" ? "en" : "ko")}>
          {language.value === "ko" ? "English" : "한국어"}
        </button>
        {signedIn.value && (
          <button type="button" class="small" onClick={() => void signOut()}>
            {session.leave}
          </button>
        )}
      </div>
    </header>
  );
}

function Tab({ href, here, text }: { href: string; here: boolean; text: string }) {
  return (
    <a href={href} aria-current={here ? "page" : undefined}>
      {text}
    </a>
  );
}

function ThemeSwitch() {
  const { theme: say } = words.value;
  return (
    <select
      class="theme"
      aria-label={say.label}
      value={theme.value}
      onChange={(event) => {
        theme.value = event.currentTarget.value as Theme;
      }}
    >
      {(["auto", "light", "dark"] as const).map((one) => (
        <option key={one} value={one}>
          {say[one]}
        </option>
      ))}
    </select>
  );
}

/** The view stays, where the other project has it too. */
function go(project: string | null): void {
  const { view } = route.value;
  if (project !== null && view === "graph") navigate(to.graph(project));
  else if (project !== null && view === "search") navigate(to.search(project));
  else if (project !== null && (view === "comparisons" || view === "comparison")) navigate(to.comparisons(project));
  else if (project !== null && view === "settings") navigate(to.settings(project));
  else navigate(to.imports(project));
}

function known(current: string | null): { key: string; name: string }[] {
  const found = projects.value;
  return current === null || found.some(({ key }) => key === current) ? found : [{ key: current, name: current }, ...found];
}
