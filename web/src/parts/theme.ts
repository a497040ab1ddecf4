/** Light, dark, or as the system says; kept from visit to visit. */
import { computed, effect, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";

const KEY = "longshore.theme";
const THEMES: readonly Theme[] = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);

system.addEventListener("change", () => {
  systemDark.value = system.matches;
});

export const theme = signal<Theme>(THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "auto");
export const dark = computed(() => (theme.value === "auto" ? systemDark.value : theme.value === "dark"));

effect(() => {
  document.documentElement.dataset["theme"] = dark.value ? "dark" : "light";
  localStorage.setItem(KEY, theme.value);
});

/** The value of a colour of the style sheet, for what is drawn on a canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
