/** The providers that imports may use, as far as the page knows. */
import { signal } from "@preact/signals";
import { listProviders } from "../api/providers";
import type { Provider } from "../api/types";
import { nameOf } from "../parts/names";

export const providers = signal<readonly Provider[]>([]);

/** Throws: ApiError, Unreachable. */
export async function lookUpProviders(): Promise<void> {
  providers.value = await listProviders();
}

/** Names of those that do one thing, as the settings call them. */
export function providersFor(purpose: "embedding" | "extraction"): string[] {
  return providers.value.filter(({ id }) => id.startsWith(`${purpose}.`)).map(({ id }) => nameOf(id));
}
