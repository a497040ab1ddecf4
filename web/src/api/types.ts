import type { components } from "./schema";

type Schemas = components["schemas"];

export type Import = Schemas["Import"];
export type State = Import["state"];
export type Stage = Schemas["StageProgress"];
export type Reason = Schemas["Reason"];
export type Item = Schemas["Item"];
export type ItemPage = Schemas["ItemPage"];
export type ProblemDetails = Schemas["ProblemDetails"];
export type SystemStatus = Schemas["SystemStatus"];
export type RepositoryRequest = Schemas["RepositoryRequest"];
export type LibraryRequest = Schemas["LibraryRequest"];
export type SourceRequest = Pick<Schemas["CargoRequest"], "kind" | "name" | "manifest"> | RepositoryRequest | LibraryRequest;
export type Submitted = Schemas["Submitted"];
export type Options = Partial<Schemas["OptionsRequest"]>;
export type Plan = Schemas["Plan"];
/** What an import would do, told in full. */
export type Preview = Schemas["Preview"];
export type Planned = Schemas["Planned"];
export type ItemCounts = Schemas["ItemCounts"];
export type Passage = Schemas["Passage"];
export type Action = "pause" | "resume" | "cancel" | "retry-failed" | "approve" | "undo";

export const TERMINAL: ReadonlySet<State> = new Set(["succeeded", "partially_succeeded", "failed", "cancelled"]);

export function closed(view: Pick<Import, "state">): boolean {
  return TERMINAL.has(view.state);
}

export type Subgraph = Schemas["Subgraph"];
export type GraphNode = Subgraph["nodes"][number];
export type GraphEdge = Subgraph["edges"][number];

export type Session = Schemas["Session"];
export type Document = Schemas["Document"];
/** The words of a document that state a fact. */
export type Evidence = Schemas["Evidence"];
export type Project = Schemas["Project"];
export type Source = Schemas["ListedSource"];
/** What goes with a project or a source. */
export type Extent = Schemas["ProjectExtent"] & Schemas["SourceExtent"];
export type Schedule = Schemas["ImportSchedule"];
export type ScheduleRequest = Pick<Schedule, "every_s"> | Pick<Schedule, "cron" | "time_zone">;
export type Hook = Schemas["Hook"];
export type Provider = Schemas["ProviderStatus"];
/** Of a provider that is left alone for a while. */
export type Gate = Schemas["GateStatus"];
export type Webhook = Schemas["Webhook"];
export type WebhookEvent = Webhook["events"][number];
export type NewWebhook = Schemas["NewWebhook"];
export type ItemCode = NonNullable<Item["code"]>;

export type Comparison = Schemas["Comparison"];
export type Variant = Comparison["variants"][number];
export type StepBoard = Variant["steps"][number];
export type Step = StepBoard["name"];
export type Measures = Variant["measures"];
/** Questions of one kind in one language. */
export type QuestionGroup = Schemas["Group"];
export type Estimate = Schemas["Estimate"];
/** A number may be what somebody typed that is none: the API says so. */
export type VariantRequest = Pick<Schemas["VariantRequest"], "name" | "embedder" | "extractor"> & Partial<Record<Setting, number | string>>;
export type Setting = "passage" | "concepts" | "partners";
export interface ComparisonRequest {
  source: Schemas["KnownRequest"];
  variants: VariantRequest[];
  questions: Partial<Record<"each" | "seed", number | string>>;
}
