import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { act, type ItemChoice, listItems } from "../api/client";
import { closed, type Import, type Item, type ItemCode } from "../api/types";
import { Problem } from "../parts/Problem";
import { navigate, to } from "../router";
import { words } from "../words/language";

/** Of all items, those with something the matter, those in one state, those with one reason, or of one change. */
export type Filter = "" | "problems" | Item["state"] | `code:${ItemCode}` | `change:${Item["change"]}`;

export function Items({ view, chosen }: { view: Import; chosen: Signal<Filter | null> }) {
  const items = useSignal<Item[]>([]);
  const token = useSignal<string | null>(null);
  const problem = useSignal<Error | null>(null);
  const filter: Filter = chosen.value ?? firstLook(view);
  const { detail } = words.value;

  const asked = useRef(0);
  const load = async (from: string | null) => {
    const turn = ++asked.current;
    try {
      const page = await listItems(view, choiceOf(filter), from);
      if (turn !== asked.current) return; // an answer to what was asked before
      items.value = from === null ? page.items : [...items.value, ...page.items];
      token.value = page.next_page_token;
      problem.value = null;
    } catch (error) {
      problem.value = error as Error;
    }
  };
  const retry = async () => {
    try {
      const { project, id } = await act(view, "retry-failed", { codes: [codeOf(filter)!] });
      navigate(to.import(project, id));
    } catch (error) {
      problem.value = error as Error;
    }
  };
  // Anew when the filter changes, when more has failed, when the plan stands, and when it has closed.
  useEffect(() => void load(null), [filter, view.items.failed, view.attachments_failed, view.warnings, view.items.total, closed(view)]);
  return (
    <section class="card" aria-labelledby="items-title">
      <div class="title">
        <h2 id="items-title" tabIndex={-1}>
          {detail.items}
        </h2>
        <a class="quiet" href={`${view.links.items}.csv`} download>
          {detail.csv}
        </a>
        <label class="inline">
          {detail.filter}{" "}
          <select
            value={filter}
            onChange={(event) => {
              chosen.value = event.currentTarget.value as Filter;
            }}
          >
            <Filters />
          </select>
        </label>
      </div>
      {problem.value && <Problem error={problem.value} />}
      {retriable(view, filter, items.value) && (
        <button type="button" class="small" onClick={() => void retry()}>
          {detail.retryThese}
        </button>
      )}
      {items.value.length ? <Table view={view} items={items.value} /> : <p class="quiet">{detail.noItems}</p>}
      {token.value && (
        <button type="button" onClick={() => void load(token.value)}>
          {detail.more}
        </button>
      )}
    </section>
  );
}

/** What matters most now: what goes, what failed, what warns. */
function firstLook(view: Import): Filter {
  if (view.reason?.code === "awaiting_approval") return view.planned?.needs_approval ? "change:removed" : "";
  const troubled = view.items.failed + view.attachments_failed > 0;
  return troubled || !closed(view) ? "failed" : view.warnings ? "problems" : "";
}

function choiceOf(filter: Filter): ItemChoice {
  if (filter === "") return {};
  if (filter === "problems") return { problems: "true" };
  if (filter.startsWith("change:")) return { change: filter.slice("change:".length) as Item["change"] };
  const code = codeOf(filter);
  return code ? { code } : { state: filter as Item["state"] };
}

function codeOf(filter: Filter): ItemCode | null {
  return filter.startsWith("code:") ? (filter.slice("code:".length) as ItemCode) : null;
}

/** Whether what is listed failed for one reason, which may be tried again by itself once the import has closed. */
function retriable(view: Import, filter: Filter, items: readonly Item[]): boolean {
  const code = codeOf(filter);
  if (!code || !closed(view) || view.mode !== "import") return false;
  return items.some((item) => [item, ...item.attachments].some((one) => one.state === "failed" && one.code === code));
}

function Filters() {
  const { itemStates, everyItem, troubledItems, byChange, changes, byReason, codes } = words.value;
  return (
    <>
      <option value="">{everyItem}</option>
      <option value="problems">{troubledItems}</option>
      {Object.entries(itemStates).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
      <optgroup label={byChange}>
        {Object.entries(changes).map(([change, name]) => (
          <option key={change} value={`change:${change}`}>
            {name}
          </option>
        ))}
      </optgroup>
      <optgroup label={byReason}>
        {Object.entries(codes).map(([code, name]) => (
          <option key={code} value={`code:${code}`}>
            {name}
          </option>
        ))}
      </optgroup>
    </>
  );
}

function Table({ view, items }: { view: Import; items: readonly Item[] }) {
  const { itemColumns, itemStates, changes, states } = words.value;
  const outcome = (item: Item) => (item.state === "failed" ? states.failed : itemStates[item.state]);
  return (
    <div class="scroll">
      <table class="items">
        <thead>
          <tr>
            <th scope="col">{itemColumns.title}</th>
            <th scope="col">{itemColumns.change}</th>
            <th scope="col">{itemColumns.state}</th>
            <th scope="col">{itemColumns.reason}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.key} class={`item-${item.state}`}>
              <td>{item.document_id && item.change !== "removed" && item.state !== "pending" ? <a href={to.graph(view.project, item.document_id)}>{item.title}</a> : item.title}</td>
              <td>{changes[item.change]}</td>
              <td>{outcome(item)}</td>
              <td>
                <Reasons item={item} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Reasons({ item }: { item: Item }) {
  const files = item.attachments.filter((attachment) => attachment.code || attachment.detail);
  if (!item.detail && !item.code && !files.length) return null;
  return (
    <ul class="reasons">
      {(item.detail || item.code) && (
        <li>
          {item.detail ?? ""} {item.code && <code>{item.code}</code>}
        </li>
      )}
      {files.map((file) => (
        <li key={file.path}>
          <em>{file.path.split("/").at(-1)}</em>: {file.detail ?? ""} {file.code && <code>{file.code}</code>}
        </li>
      ))}
    </ul>
  );
}
