/** Names as the API takes them. */
export const GOOD_PROJECT = /^[a-z0-9-]{1,63}$/;
/** Of a source: its key is made of letters and digits. */
export const GOOD_NAME = /[\p{L}\p{N}]/u;

/** What the settings call a provider, whose id says what it is for too. */
export function nameOf(provider: string): string {
  return provider.split(".").slice(1).join(".");
}
