import type { Replay, TableChanges } from "../../../api/replays";
import { words } from "../../../format";

const TABLES: Record<string, string> = {
  node: "People and companies in the graph", edge: "Connections in the graph", assertion: "Evidence of connections", record: "Records of sources", identifier: "Identifiers",
  identity_conflict: "Identity conflicts", identity_decision: "Decisions about identity", moment: "Moments", signal: "Signals of moments", activity: "Activities", incident: "Open incidents",
  title_seen: "Job titles", usage_total: "Usage", company_parent: "Parents of companies",
};
/** What a derived table holds, in words. */
export const tableName = (table: string): string => TABLES[table] ?? words(table);

const STATES: Record<Replay["state"], string> = { waiting: "Waits", running: "Reading", comparing: "Comparing", done: "Done", failed: "Failed" };
export const stateName = (run: Replay): string => STATES[run.state];

export const ofTable = (one: TableChanges): number => one.changed + one.added + one.removed;
/** The tables in which something differs, the most first. */
export const differs = (run: Replay): [string, TableChanges][] => Object.entries(run.changes).filter(([, one]) => ofTable(one) > 0).sort((a, b) => ofTable(b[1]) - ofTable(a[1]));
export const inAll = (tables: [string, TableChanges][]): number => tables.reduce((sum, [, one]) => sum + ofTable(one), 0);
