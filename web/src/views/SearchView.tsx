import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { searchPassages } from "../api/client";
import type { Passage } from "../api/types";
import { placeOf } from "../parts/place";
import { Problem } from "../parts/Problem";
import { navigate, to } from "../router";
import { words } from "../words/language";
import { marked } from "../words/marked";

const FIELDS = ["q", "kind", "year_from", "year_to", "tag", "collection"] as const;
const KINDS = ["journalArticle", "conferencePaper", "preprint", "book", "bookSection", "thesis", "report", "webpage", "document"];

export function SearchView({ project, query }: { project: string; query: URLSearchParams }) {
  const results = useSignal<Passage[] | null>(null);
  const warning = useSignal<string | null>(null);
  const problem = useSignal<Error | null>(null);
  const busy = useSignal(false);
  const asked = query.toString();
  const { search: say } = words.value;
  useEffect(() => {
    const [q, kind, year_from, year_to, tag, collection] = FIELDS.map((name) => query.get(name) ?? undefined);
    if (!q) return;
    let gone = false;
    busy.value = true;
    problem.value = null;
    searchPassages(project, { q, kind, year_from, year_to, tag, collection })
      .then(
        (found) => {
          if (gone) return;
          results.value = found.results;
          warning.value = found.warning ?? null;
        },
        (error: Error) => {
          if (!gone) problem.value = error;
        },
      )
      .finally(() => {
        if (!gone) busy.value = false;
      });
    return () => {
      gone = true;
    };
  }, [project, asked]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const given = FIELDS.map((name) => [name, String(form.get(name) ?? "").trim()]).filter(([, value]) => value);
    navigate(to.search(project, new URLSearchParams(given as [string, string][])), true);
  };
  return (
    <section class="search" aria-labelledby="search-title">
      <h1 id="search-title" class="sr">
        {say.title}
      </h1>
      <form role="search" class="card search-form" key={asked} onSubmit={submit}>
        <div class="search-main">
          <input name="q" type="search" required maxLength={1000} placeholder={say.label} aria-label={say.label} defaultValue={query.get("q") ?? ""} />
          <button type="submit" class="primary">
            {say.go}
          </button>
        </div>
        <div class="search-filters">
          <select name="kind" aria-label={say.kind} defaultValue={query.get("kind") ?? ""}>
            <option value="">{say.anyKind}</option>
            {KINDS.map((kind) => (
              <option key={kind} value={kind} selected={kind === query.get("kind")}>
                {kind}
              </option>
            ))}
          </select>
          <Year name="year_from" label={say.from} value={query.get("year_from")} />
          <Year name="year_to" label={say.to} value={query.get("year_to")} />
          <input name="tag" placeholder={say.tag} aria-label={say.tag} defaultValue={query.get("tag") ?? ""} />
          <input name="collection" placeholder={say.collection} aria-label={say.collection} defaultValue={query.get("collection") ?? ""} />
          <span class="quiet">{say.hint}</span>
        </div>
      </form>
      {problem.value && <Problem error={problem.value} />}
      <div role="status" aria-busy={busy.value}>
        {busy.value && !results.value && <p class="quiet">{words.value.loading}</p>}
        {warning.value && <p class="quiet">{warning.value}</p>}
        {results.value?.length === 0 && !busy.value && <p class="empty">{say.none}</p>}
      </div>
      <ol class="results">
        {results.value?.map((result) => (
          <Result key={`${result.document_id}/${result.start}/${result.page}`} project={project} result={result} />
        ))}
      </ol>
    </section>
  );
}

function Year({ name, label, value }: { name: string; label: string; value: string | null }) {
  return <input name={name} type="number" min={0} max={9999} placeholder={label} aria-label={label} defaultValue={value ?? ""} />;
}

function Result({ project, result }: { project: string; result: Passage }) {
  const { search: say, graph } = words.value;
  const sought = result.why.words;
  return (
    <li class="card result">
      <h2>
        <a href={to.graph(project, result.document_id)}>{result.title}</a>
      </h2>
      <p class="quiet">{[result.authors.join(", "), result.year, ...placeOf(result, graph)].filter(Boolean).join(" · ")}</p>
      <p class="passage">
        {marked(result.text, sought).map((piece, index) => (piece.hit ? <mark key={index}>{piece.text}</mark> : piece.text))}
      </p>
      <ul class="why-found">
        {result.why.lexical_rank !== null && <li>{say.byWords(String(result.why.lexical_rank))}</li>}
        {result.why.vector_rank !== null && <li>{say.byMeaning(String(result.why.vector_rank))}</li>}
        {result.why.words.length > 0 && (
          <li>
            {say.words}: {result.why.words.join(", ")}
          </li>
        )}
      </ul>
    </li>
  );
}
