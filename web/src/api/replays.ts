/** What the server promises about reading the log again. */
import { useQuery } from "@tanstack/react-query";

import type { Id } from "./contract";
import { one } from "./queries";

export type TableChanges = { same: number; changed: number; added: number; removed: number };
export type ReplayState = "waiting" | "running" | "done" | "failed";
export type Replay = {
  id: Id;
  dry_run: boolean;
  source: Id | null;
  state: ReplayState;
  rows: number;
  total: number;
  /** Rows that today's mapping reads as something else. */
  differently: number;
  changes: Record<string, TableChanges>;
  failure: string;
  actor: string;
  started_at: string;
  updated_at: string;
};
export type ReplaySample = { table: string; change: string; before: unknown; after: unknown };
export type ReplayDetail = Replay & { sample: ReplaySample[] };

export const isOver = (run: Replay | undefined): boolean => run?.state === "done" || run?.state === "failed";

export const useReplays = () => useQuery(one<{ rows: Replay[]; total: number }>(["replays"], "/api/replays", { every: 30_000 }));
export const useReplay = (id: string) =>
  useQuery({
    ...one<ReplayDetail>(["replay", id], `/api/replays/${id}`, { on: id !== "" }),
    refetchInterval: (query) => (isOver(query.state.data) ? false : 1500),
  });
