import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../../../api/client";
import type { ReplayDetail } from "../../../api/replays";

export type ReplayWanted = { dry_run: boolean; source?: string; from?: string; to?: string };

/** Asks for a replay; a worker carries it out. */
export function useReplayStart() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ReplayWanted) => write<ReplayDetail>("/api/replays", wanted),
    onSettled: () => { for (const name of ["replays", "audit"]) void client.invalidateQueries({ queryKey: [name] }); },
  });
}
