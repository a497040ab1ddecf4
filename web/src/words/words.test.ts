import { describe, expect, it } from "vitest";
import type { Import } from "../api/types";
import { newer } from "../live/newest";
import { en } from "./en";
import { ko } from "./ko";
import { marked } from "./marked";
import { duration, money, percent, rate, size, timeLeft } from "./numbers";
import { grouped } from "./order";
import { sentence } from "./sentence";

const NOW = Date.parse("2026-01-02T03:04:05Z");

function viewOf(changes: Partial<Import>): Import {
  return {
    project: "p",
    id: "zotero.library.1",
    source: { key: "zotero.library", kind: "zotero", name: "Library" },
    state: "running",
    live: true,
    fraction: 0.4,
    stages: [],
    items: { total: 10, added: 0, changed: 0, unchanged: 0, removed: 0, duplicate: 0, skipped: 0, failed: 0 },
    chunks: 0,
    warnings: 0,
    attachments_failed: 0,
    interruptions: 0,
    attempt: 1,
    mode: "import",
    created_at: "2026-01-02T03:00:00Z",
    updated_at: "2026-01-02T03:04:00Z",
    links: { self: "", items: "", events: "", temporal_ui: null },
    ...changes,
  } as Import;
}

const telling = { words: en, language: "en" as const, now: NOW, workerSeenS: 130 };

describe("numbers", () => {
  it("shows a fraction of 0.1 as 10 %, never as 0.1 %", () => expect(percent(0.1)).toBe("10 %"));
  it("rounds down, so that 100 % is the end", () => expect([percent(0.999), percent(1)]).toEqual(["99 %", "100 %"]));
  it("does not show the little that is done as nothing", () => expect(percent(0.004)).toBe("<1 %"));
  it("says how long in both languages", () =>
    expect([duration(185, "en"), duration(7800, "en"), duration(185, "ko")]).toEqual(["3 min 5 s", "2 h 10 min", "3분 5초"]));
  it("shows a range of time that is of use, and none that is not", () =>
    expect([timeLeft([120, 280], "en"), timeLeft([10, 280], "en"), timeLeft(null, "en")]).toEqual(["about 2–5 min left", null, null]));
  it("counts slow work by the minute", () => expect(rate(0.1, "items", "en")).toBe("6.0 items/min"));
  it("does not show the little that was paid as nothing", () => expect([money(0, "en"), money(0.0004, "en"), money(1234.5, "en")]).toEqual(["0.00", "<0.01", "1,234.50"]));
  it("writes sizes in decimal units", () => expect([size(812), size(4_200_000)]).toEqual(["812 B", "4.2 MB"]));
});

describe("the sentence", () => {
  it("says when a wait ends", () => {
    const reason = { code: "rate_limited", message: "Waiting for the provider", resume_at: new Date(NOW + 41_000).toISOString() };
    expect(sentence(viewOf({ state: "waiting", reason }), telling)).toMatch(/^Waiting for the provider\. Goes on at \d\d:04:46, in 41 s\.$/);
  });
  it("says in the page's language which provider is waited for", () => {
    const reason = { code: "provider_rate_limit", message: "", provider: "embedding.openai", resume_at: new Date(NOW + 41_000).toISOString() };
    expect(sentence(viewOf({ state: "waiting", reason }), telling)).toMatch(/^openai asks to be called less often\. Goes on at .*, in 41 s\.$/);
    expect(sentence(viewOf({ state: "waiting", reason }), { ...telling, words: ko, language: "ko" })).toContain("openai: 호출을");
  });
  it("says what a yes would be a yes to, and when that is much", () => {
    const items = { ...viewOf({}).items, added: 3, removed: 27 };
    const asking = (needs_approval: boolean) => viewOf({ state: "waiting", reason: { code: "awaiting_approval", message: "" }, planned: { items, needs_approval } });
    expect(sentence(asking(false), telling)).toBe("It waits for your yes before it does anything: 3 to add, 27 to remove.");
    expect(sentence(asking(true), telling)).toMatch(/^It would remove much, and waits for your yes/);
  });
  it("says since when there has been no worker", () => {
    const view = viewOf({ state: "waiting", reason: { code: "no_worker", message: "" } });
    expect(sentence(view, telling)).toContain("No worker is running, last seen 2 min 10 s ago.");
    expect(sentence(view, { ...telling, words: ko, language: "ko" })).toContain("2분 10초 전");
  });
  it("says of a repository that it is fetched", () => {
    const stages: Import["stages"] = [{ name: "stage", state: "running", unit: "files", done: 0, failed: 0 }];
    expect(sentence(viewOf({ stages, source: { key: "git.cranes", kind: "git", name: "cranes" } }), telling)).toBe("Fetching the repository.");
    expect(sentence(viewOf({ stages }), telling)).toBe("Unpacking the files.");
  });
  it("says of a library on the web how many of its files are there", () => {
    const stage = { name: "stage", state: "running", unit: "files", done: 0, failed: 0 } as const;
    const source = { key: "zotero-web.groups-456", kind: "zotero-web", name: "groups/456" };
    expect(sentence(viewOf({ stages: [stage], source }), telling)).toBe("Asking Zotero what has changed.");
    expect(sentence(viewOf({ stages: [{ ...stage, done: 3, total: 9 }], source }), telling)).toBe("Fetching the library's files: 3 of 9.");
  });
  it("says what a closed import did", () => {
    const items = { ...viewOf({}).items, added: 8, unchanged: 2 };
    const view = viewOf({ state: "succeeded", items, started_at: "2026-01-02T03:00:00Z", closed_at: "2026-01-02T03:00:14Z" });
    expect(sentence(view, telling)).toBe("8 added, 2 unchanged in 14 s.");
  });
});

describe("what is newest", () => {
  it("lets no bar go backwards while an import runs", () => {
    const late = viewOf({ fraction: 0.3, live: false, updated_at: "2026-01-02T03:04:30Z" });
    expect(newer(viewOf({}), late).fraction).toBe(0.4);
  });
  it("does not show a closed import as running again when an older answer arrives late", () => {
    const closed = viewOf({ state: "succeeded", fraction: 1 });
    expect(newer(closed, viewOf({ updated_at: "2026-01-02T03:03:00Z" })).state).toBe("succeeded");
  });
});

describe("the order of the list", () => {
  it("puts first what needs somebody, and lets a failure rest once its source was imported again", () => {
    const failed = viewOf({ id: "zotero.library.1", state: "failed", created_at: "2026-01-01T00:00:00Z" });
    const again = viewOf({ id: "zotero.library.2", state: "running" });
    const waiting = viewOf({ id: "zotero.other.1", source: { key: "zotero.other", kind: "zotero", name: "Other" }, state: "paused" });
    const groups = grouped([failed, again, waiting]);
    expect([groups.attention, groups.active, groups.over].map((group) => group.map((view) => view.id))).toEqual([
      ["zotero.other.1"],
      ["zotero.library.2"],
      ["zotero.library.1"],
    ]);
  });
});

describe("marked words", () => {
  it("marks whole words in English and syllables in Korean", () => {
    const hits = (text: string, words: string[]) => marked(text, words).filter((piece) => piece.hit).map((piece) => piece.text);
    expect(hits("An import, and ban", ["an", "import"])).toEqual(["An", "import"]);
    expect(hits("지식그래프는", ["그래프"])).toEqual(["그래프"]);
  });
});
