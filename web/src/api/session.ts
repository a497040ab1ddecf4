/** Who is at the page: nobody in particular on one's own machine, somebody with a key on a server. */
import { computed, effect, signal } from "@preact/signals";
import { ApiError, ask, refusals, SESSION } from "./client";
import type { Session } from "./types";

const OPEN: Session = { required: false, principal: null };

const session = signal<Session | null>(null);

/** Null until it is known. */
export const keyNeeded = computed(() => session.value && session.value.required && !session.value.principal);
export const signedIn = computed(() => session.value !== null && session.value.required && session.value.principal !== null);

export async function lookUpSession(): Promise<void> {
  try {
    session.value = await ask<Session>("GET", SESSION);
  } catch (error) {
    session.value = error instanceof ApiError && error.status === 401 ? { required: true, principal: null } : OPEN;
  }
}

export async function signIn(key: string): Promise<void> {
  await ask("POST", SESSION, { key });
  await lookUpSession();
}

export async function signOut(): Promise<void> {
  await ask("DELETE", SESSION);
  await lookUpSession();
}

effect(() => {
  if (refusals.value) void lookUpSession();
});
