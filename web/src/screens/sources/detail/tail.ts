import { useQuery, useQueryClient } from "@tanstack/react-query";

import { read } from "../../../api/client";
import type { LivePage, LiveRow } from "../../../api/sources";

const KEPT = 300; // rows in the browser; older ones are in the log

/** What a source sends, newest first, growing while it is looked at. */
export function useTail(id: string, on: boolean) {
  const client = useQueryClient();
  const key = ["tail", id];
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<LiveRow[]> => {
      const known = client.getQueryData<LiveRow[]>(key) ?? [];
      const newest = known[0]?.seq;
      const page = await read<LivePage>(`/api/sources/${id}/live`, { after: newest }, signal);
      const seen = new Set(known.map((row) => row.seq));
      const fresh = page.rows.filter((row) => !seen.has(row.seq));
      return [...fresh, ...known].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
    },
    refetchInterval: on ? 2000 : false,
    refetchOnWindowFocus: on,
    staleTime: on ? 0 : Infinity,
    gcTime: 60_000,
  });
}
