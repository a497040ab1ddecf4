/** An upload of chosen files until they are handed over; what the server has already is not sent again. */
import { type Signal, signal } from "@preact/signals";
import { ApiError, missingBlobs, Unreachable } from "../api/client";
import type { ProblemDetails, SourceRequest } from "../api/types";
import type { Order } from "./order";
import type { Cargo } from "./selection";

export type Step =
  | { kind: "hashing"; done: number; total: number }
  | { kind: "asking" }
  | { kind: "sending"; done: number; total: number; bytes: number; totalBytes: number; there: number }
  | { kind: "submitting" }
  | { kind: "failed"; error: Error };

interface Hashed {
  path: string;
  sha256: string;
  size: number;
  blob: Blob;
}

const AT_ONCE = 4;
const ASKED_AT_ONCE = 10_000;
const TRIES = 3;

export class Upload {
  readonly step: Signal<Step>;
  private readonly controller = new AbortController();

  constructor(
    private readonly cargo: Cargo,
    readonly order: Order,
  ) {
    this.step = signal<Step>({ kind: "hashing", done: 0, total: cargo.files.length });
  }

  /** Sends what is lacking and hands the source over; null where that failed, which `step` tells. */
  async run<T>(handOver: (source: SourceRequest) => Promise<T>): Promise<T | null> {
    try {
      const hashed = await this.hash();
      const manifest = await manifestOf(hashed);
      await this.send([...hashed, manifest]);
      this.step.value = { kind: "submitting" };
      this.controller.signal.throwIfAborted();
      return await handOver({ kind: this.cargo.kind, name: this.order.name, manifest: manifest.sha256 });
    } catch (error) {
      this.step.value = { kind: "failed", error: error instanceof Error ? error : new Error(String(error)) };
      return null;
    }
  }

  abandon(): void {
    this.controller.abort();
  }

  private async hash(): Promise<Hashed[]> {
    const worker = new Worker(new URL("./hashing.worker.ts", import.meta.url), { type: "module" });
    const hashed: Hashed[] = [];
    try {
      for (const { path, file } of this.cargo.files) {
        this.controller.signal.throwIfAborted();
        hashed.push({ path, size: file.size, blob: file, sha256: await asked(worker, file) });
        this.step.value = { kind: "hashing", done: hashed.length, total: this.cargo.files.length };
      }
    } finally {
      worker.terminate();
    }
    return hashed;
  }

  private async send(files: readonly Hashed[]): Promise<void> {
    this.step.value = { kind: "asking" };
    const byDigest = new Map(files.map((file) => [file.sha256, file]));
    const digests = [...byDigest.keys()];
    const lacking: Hashed[] = [];
    for (let at = 0; at < digests.length; at += ASKED_AT_ONCE) {
      for (const sha256 of await missingBlobs(this.order.project, digests.slice(at, at + ASKED_AT_ONCE))) lacking.push(byDigest.get(sha256)!);
    }
    const progress = { done: 0, total: lacking.length, there: byDigest.size - lacking.length };
    const totalBytes = lacking.reduce((sum, file) => sum + file.size, 0);
    const sent = new Map<string, number>();
    const tell = () => {
      const bytes = [...sent.values()].reduce((sum, value) => sum + value, 0);
      this.step.value = { kind: "sending", ...progress, bytes, totalBytes };
    };
    tell();
    const queue = [...lacking];
    const lane = async () => {
      for (let file = queue.shift(); file; file = queue.shift()) {
        const { sha256, size } = file;
        await this.put(file, (bytes) => {
          sent.set(sha256, bytes);
          tell();
        });
        sent.set(sha256, size);
        progress.done += 1;
        tell();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  private async put(file: Hashed, told: (bytes: number) => void): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await putBlob(this.order.project, file, told, this.controller.signal);
      } catch (error) {
        const passing = error instanceof Unreachable || (error instanceof ApiError && error.status >= 500 && error.status !== 507);
        if (!passing || attempt === TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
      }
    }
  }
}

/** JSON Lines sorted by path, byte for byte what the command writes, so that equal files are one submission. */
async function manifestOf(files: readonly Hashed[]): Promise<Hashed> {
  const text = files.map(({ path, sha256, size }) => `${JSON.stringify({ path, sha256, size })}\n`).join("");
  const file = new File([text], "manifest");
  const worker = new Worker(new URL("./hashing.worker.ts", import.meta.url), { type: "module" });
  try {
    return { path: "", size: file.size, blob: file, sha256: await asked(worker, file) };
  } finally {
    worker.terminate();
  }
}

function asked(worker: Worker, file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ sha256?: string; error?: string }>) => {
      if (data.sha256) resolve(data.sha256);
      else reject(new Error(`${file.name}: ${data.error}`));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(file);
  });
}

/** XMLHttpRequest tells how much has been sent; fetch does not. */
function putBlob(project: string, file: Hashed, told: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/v1/projects/${encodeURIComponent(project)}/blobs/${file.sha256}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => told(event.loaded);
    request.onerror = () => reject(new Unreachable(file.path));
    request.onabort = () => reject(signal.reason as Error);
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(request.status, problemIn(request)));
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file.blob);
  });
}

function problemIn(request: XMLHttpRequest): ProblemDetails {
  try {
    return JSON.parse(request.responseText) as ProblemDetails;
  } catch {
    const detail = `The server answered ${request.status} ${request.statusText}.`;
    return { type: "", title: request.statusText, status: request.status, detail, code: "", hint: "", request_id: "" };
  }
}
