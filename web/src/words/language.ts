/** The chosen language, kept from visit to visit. */
import { computed, effect, signal } from "@preact/signals";
import { en, type Words } from "./en";
import { ko } from "./ko";
import type { Language } from "./numbers";

const KEY = "longshore.language";

function initial(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "ko") return kept;
  return navigator.language.startsWith("ko") ? "ko" : "en";
}

export const language = signal<Language>(initial());
export const words = computed<Words>(() => (language.value === "ko" ? ko : en));

export function choose(next: Language): void {
  localStorage.setItem(KEY, next);
  language.value = next;
}

effect(() => {
  document.documentElement.lang = language.value;
});
