import type { Options } from "../api/types";

/** Where to, under which name, and how something is to be imported. */
export interface Order {
  project: string;
  name: string;
  /** Whether to tell what would be done, and do nothing. */
  plan: boolean;
  options: Options;
}
