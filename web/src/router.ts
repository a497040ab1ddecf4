/** Which view the address asks for. */
import { computed, signal } from "@preact/signals";

export type Route =
  | { view: "imports"; project: string | null }
  | { view: "import"; project: string; id: string }
  | { view: "graph"; project: string; focus: string | null }
  | { view: "search"; project: string; query: URLSearchParams }
  | { view: "comparisons"; project: string }
  | { view: "comparison"; project: string; id: string }
  | { view: "settings"; project: string }
  | { view: "providers" }
  | { view: "unknown" };

const address = signal(location.pathname + location.search);

export const route = computed<Route>(() => read(new URL(address.value, location.origin)));

export function navigate(to: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  address.value = to;
  if (!replace) {
    window.scrollTo(0, 0);
    document.getElementById("content")?.focus({ preventScroll: true });
  }
}

export const to = {
  imports: (project: string | null) => (project === null ? "/" : `/p/${encodeURIComponent(project)}`),
  import: (project: string, id: string) => `/p/${encodeURIComponent(project)}/imports/${encodeURIComponent(id)}`,
  graph: (project: string, focus?: string) =>
    `/p/${encodeURIComponent(project)}/graph${focus ? `?focus=${encodeURIComponent(focus)}` : ""}`,
  search: (project: string, query?: URLSearchParams) =>
    `/p/${encodeURIComponent(project)}/search${query?.size ? `?${query.toString()}` : ""}`,
  comparisons: (project: string) => `/p/${encodeURIComponent(project)}/comparisons`,
  comparison: (project: string, id: string) => `/p/${encodeURIComponent(project)}/comparisons/${encodeURIComponent(id)}`,
  settings: (project: string) => `/p/${encodeURIComponent(project)}/settings`,
  providers: () => "/providers",
};

export function listenForNavigation(): void {
  window.addEventListener("popstate", () => {
    address.value = location.pathname + location.search;
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest("a");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.origin !== location.origin || !ours(link.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

function ours(pathname: string): boolean {
  return pathname === "/" || pathname === "/providers" || pathname.startsWith("/p/");
}

function read(url: URL): Route {
  const [root, project, view, id, ...rest] = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (root === undefined) return { view: "imports", project: null };
  if (root === "providers" && !project) return { view: "providers" };
  if (root !== "p" || !project || rest.length) return { view: "unknown" };
  if (view === undefined) return { view: "imports", project };
  if (view === "imports" && id) return { view: "import", project, id };
  if (view === "graph" && !id) return { view: "graph", project, focus: url.searchParams.get("focus") };
  if (view === "search" && !id) return { view: "search", project, query: url.searchParams };
  if (view === "comparisons") return id ? { view: "comparison", project, id } : { view: "comparisons", project };
  if (view === "settings" && !id) return { view: "settings", project };
  return { view: "unknown" };
}
