/** The projects that there are, for the switch between them. */
import { signal } from "@preact/signals";
import { listProjects } from "../api/client";

export const projects = signal<{ key: string; name: string }[]>([]);

export async function lookUpProjects(): Promise<void> {
  try {
    projects.value = await listProjects();
  } catch {
    // The switch keeps what it had; the banner says what is wrong.
  }
}
