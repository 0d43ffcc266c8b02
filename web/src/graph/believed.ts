import type { EdgeKind, Statement } from "../api/graph";
import { inferrerKind } from "../parts/evidence";

const NAMES: Record<string, [string, string]> = {
  rule: ["rule", "rules"], statistic: ["statistic", "statistics"], model: ["model reading", "model readings"], person: ["person", "people"], prior: ["prior", "priors"], policy: ["policy", "policies"],
};

const listed = (parts: string[]): string => (parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`);

/** Who says it: "2 model readings and 1 person". */
function speakers(statements: Statement[]): string {
  const counts = new Map<string, number>();
  for (const one of statements) counts.set(inferrerKind(one.inferrer), (counts.get(inferrerKind(one.inferrer)) ?? 0) + 1);
  return listed([...counts].map(([kind, n]) => `${n} ${NAMES[kind]?.[n === 1 ? 0 : 1] ?? kind}`));
}

/** How a confidence came about, in a sentence an operator can check against the list below it. */
export function cameAbout(confidence: number | null, statements: Statement[], kind: EdgeKind | undefined): string {
  const living = statements.filter((one) => !one.retracted_at && one.counts !== false);
  const supporting = living.filter((one) => one.supports);
  const against = living.filter((one) => !one.supports);
  const parts = [
    supporting.length > 0 ? `for it: ${speakers(supporting)}` : "nothing speaks for it any more",
    against.length > 0 ? `against it: ${speakers(against)}` : "",
  ].filter(Boolean);
  const fades = kind?.half_life_days ? ` What supports it fades by half every ${kind.half_life_days} days unless it is renewed.` : "";
  if (confidence === null) return `What was said (${parts.join("; ")}) is together too little to be believed.`;
  return `${confidence.toFixed(2)} is what ${living.length === 1 ? "one statement gives" : `${living.length} statements give together`} (${parts.join("; ")}).${fades}`;
}
