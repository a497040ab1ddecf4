/** The providers that imports may use, as far as the page knows. */
import { signal } from "@preact/signals";
import { listProviders } from "../api/providers";
import type { Provider } from "../api/types";

export const providers = signal<readonly Provider[]>([]);

/** Throws: ApiError, Unreachable. */
export async function lookUpProviders(): Promise<void> {
  providers.value = await listProviders();
}
