import { words } from "../../../format";

const REASONS: Record<string, string> = {
  failed: "Could not be used", not_an_object: "Not a JSON object", no_record: "Belongs to nobody", no_id: "Has no id", unknown_stream: "Unknown stream", bad_time: "Not a time",
  not_json: "Not JSON", invalid_json: "Not JSON", plan_violation: "Against the tracking plan", id_missing: "Belongs to nobody", too_large: "Too large", undecodable: "Could not be read" };
const STAGES: Record<string, string> = { ingest: "At the door", decode: "While reading", plan: "Tracking plan", identify: "Identity", identity: "Identity", graph: "Graph", moments: "Moments", import: "Import" };

/** Why a letter is dead, in words. */
export const reasonName = (reason: string): string => {
  const [problem, property] = reason.split(": ");
  if (property !== undefined) return problem === "missing" ? `Lacks ${property}` : `${property}: ${words(problem ?? "").toLowerCase()}`;
  return REASONS[reason] ?? words(reason);
};
/** Where it stopped. */
export const stageName = (stage: string): string => STAGES[stage] ?? words(stage);
