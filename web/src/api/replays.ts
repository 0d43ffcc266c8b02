import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { read } from "./client";
import type { Listing } from "./contract";
import { one } from "./queries";

export type TableChanges = { same: number; changed: number; added: number; removed: number };
export type Replay = {
  id: string;
  dry_run: boolean;
  source: string | null;
  state: "waiting" | "running" | "comparing" | "done" | "failed";
  /** Rows read by today's mapping so far; of a trial that is limited to a source, only its own. */
  rows: number;
  total: number;
  differently: number;
  changes: Record<string, TableChanges>;
  failure: string;
  actor: string;
  started_at: string;
  updated_at: string;
};
export type ReplaySample = { table: string; change: "changed" | "added" | "removed"; before: unknown; after: unknown };
export type ReplayDetail = Replay & { sample: ReplaySample[] };

export const isOver = (run: Replay): boolean => run.state === "done" || run.state === "failed";

export const useReplays = () =>
  useInfiniteQuery({
    queryKey: ["replays"],
    queryFn: ({ pageParam, signal }) => read<Listing<Replay>>("/api/replays", { after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) => (query.state.data?.pages[0]?.rows.some((run) => !isOver(run)) ? 2_000 : 20_000),
  });
export const useReplay = (id: string) => {
  const known = one<ReplayDetail>(["replay", id], `/api/replays/${id}`, { on: id !== "" });
  return useQuery({ ...known, refetchInterval: (query) => (query.state.data && isOver(query.state.data) ? false : 1_500) });
};
