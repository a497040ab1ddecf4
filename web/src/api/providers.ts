/** The services that embed and extract, how often they may be asked, and when they are left alone. */
import { ask, path } from "./client";
import type { Provider } from "./types";

export const listProviders = async (): Promise<Provider[]> => (await ask<{ providers: Provider[] }>("GET", path(["providers"]))).providers;

/** Requests a second of all workers together; null: what the settings say. */
export const limitProvider = (id: string, rps: number | null): Promise<Provider> => ask("PUT", path(["providers", id, "limit"]), { rps });

/** Asks it again at once. */
export const resetProvider = (id: string): Promise<Provider> => ask("POST", `${path(["providers", id])}:reset`);
