import { signal } from "@preact/signals";

/** Milliseconds since the epoch, told each second. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
