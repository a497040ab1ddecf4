import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Banners } from "./parts/Banners";
import { Masthead } from "./parts/Masthead";
import { keyNeeded, lookUpSession } from "./api/session";
import { route } from "./router";
import { SignIn } from "./views/SignIn";
import { ComparisonsView } from "./views/ComparisonsView";
import { ComparisonView } from "./views/ComparisonView";
import { GraphView } from "./views/GraphView";
import { ImportsView } from "./views/ImportsView";
import { ImportView } from "./views/ImportView";
import { ProvidersView } from "./views/ProvidersView";
import { SearchView } from "./views/SearchView";
import { SettingsView } from "./views/SettingsView";
import { words } from "./words/language";

export function App() {
  useEffect(() => void lookUpSession(), []);
  return (
    <>
      <a class="skip" href="#content">
        {words.value.skip}
      </a>
      <Masthead />
      <Banners />
      <main id="content" tabIndex={-1} class={`view-${route.value.view}`}>
        {keyNeeded.value === null ? null : keyNeeded.value ? <SignIn /> : <View />}
      </main>
    </>
  );
}

function View() {
  const here = route.value;
  switch (here.view) {
    case "imports":
      return <ImportsView key={here.project} project={here.project} />;
    case "import":
      return <ImportView key={`${here.project}/${here.id}`} project={here.project} id={here.id} />;
    case "graph":
      return <GraphView key={here.project} project={here.project} focus={here.focus} />;
    case "search":
      return <SearchView key={here.project} project={here.project} query={here.query} />;
    case "providers":
      return <ProvidersView />;
    case "comparisons":
      return <ComparisonsView key={here.project} project={here.project} />;
    case "comparison":
      return <ComparisonView key={`${here.project}/${here.id}`} project={here.project} id={here.id} />;
    case "settings":
      return <SettingsView key={here.project} project={here.project} />;
    default:
      return <p class="empty">{words.value.notFound}</p>;
  }
}

effect(() => {
  if (!["import", "comparison"].includes(route.value.view)) document.title = "Longshore";
});
