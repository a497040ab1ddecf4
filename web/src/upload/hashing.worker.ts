/** Fingerprints files away from the page's own thread, in pieces, whatever their size. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** The browser's own digest is faster and takes a file whole; it exists on HTTPS and localhost only. */
const WHOLE_BYTES = 64 * 1024 * 1024;

async function fingerprint(file: File): Promise<string> {
  if (file.size <= WHOLE_BYTES && globalThis.crypto?.subtle) {
    return bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
  }
  const hash = sha256.create();
  const reader = file.stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) hash.update(read.value);
  return bytesToHex(hash.digest());
}

self.onmessage = async ({ data }: MessageEvent<File>) => {
  try {
    self.postMessage({ sha256: await fingerprint(data) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
