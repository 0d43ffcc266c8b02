import type { AutonomyRow } from "../../api/brain";
import { count } from "../../format";

/** How people took its suggestions so far. */
export function peopleWords(row: AutonomyRow): string {
  const { approved, edited, declined } = row.people;
  const seen = approved + edited + declined;
  return seen === 0 ? "No suggestion decided about yet" : `${count(approved + edited)} of ${count(seen)} suggestions approved${edited > 0 ? `, ${count(edited)} of them changed` : ""}`;
}
