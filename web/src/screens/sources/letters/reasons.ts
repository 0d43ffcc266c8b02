import { words } from "../../../format";

const REASONS: Record<string, string> = { not_json: "Not JSON", invalid_json: "Not JSON", plan_violation: "Against the tracking plan", id_missing: "Belongs to nobody", too_large: "Too large", undecodable: "Could not be read" };
const STAGES: Record<string, string> = { ingest: "At the door", decode: "While reading", plan: "Tracking plan", identify: "Identity", identity: "Identity", graph: "Graph", moments: "Moments", import: "Import" };

/** Why a letter is dead, in words. */
export const reasonName = (reason: string): string => REASONS[reason] ?? words(reason);
/** Where it stopped. */
export const stageName = (stage: string): string => STAGES[stage] ?? words(stage);
