import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";

import { read } from "./client";
import type { Company, Neighbourhood } from "./contract";
import type { Buyer, Difference, EdgeVersion, GraphPath, GraphView, Influence, Portrait, StoryLine, Vocabulary } from "./graph";
import { one } from "./queries";

/** The time a view is of: what held then, and whether only by what was recorded by then. */
export type Time = { valid: string; known: boolean };

const endOf = (day: string): string => (day ? `${day}T23:59:59Z` : "");

async function readView(centre: string, hops: number, time: Time, signal: AbortSignal): Promise<GraphView> {
  const at = endOf(time.valid);
  // What was known then is asked of the neighbourhood, which goes one step out.
  if (at && time.known) return read<Neighbourhood>(`/api/entities/${centre}/neighbourhood`, { valid_at: at, recorded_at: at, limit: 500 }, signal);
  return read<GraphView>("/api/graph", { centre, hops, valid_at: at, limit: 500 }, signal);
}

/** The centre two steps out, and one step around every node that was opened since. */
export const useViews = (centre: string, hops: number, opened: string[], time: Time) =>
  useQueries({
    queries: (centre ? [centre, ...opened] : []).map((id, i) => ({
      queryKey: ["graph", id, i === 0 ? hops : 1, time.valid, time.known],
      queryFn: ({ signal }: { signal: AbortSignal }) => readView(id, i === 0 ? hops : 1, time, signal),
      placeholderData: keepPreviousData,
    })),
  });

export const usePath = (from: string, to: string) =>
  useQuery({
    queryKey: ["graph-path", from, to],
    enabled: from !== "" && to !== "" && from !== to,
    queryFn: ({ signal }) => read<GraphPath>("/api/graph/path", { from, to }, signal),
  });

export const useEdgeHistory = (kind: string, src: string, dst: string) =>
  useQuery(one<{ rows: EdgeVersion[] }>(["edge-history", kind, src, dst], `/api/edges/${kind}/${src}/${dst}/history`));

export const useVocabulary = () => useQuery({ ...one<Vocabulary>(["vocabulary"], "/api/vocabulary"), staleTime: 600_000, retry: false });

export const usePortrait = (id: string) => useQuery(one<Portrait>(["portrait", id], `/api/personas/${id}/portrait`));
export const useInfluence = (id: string) => useQuery(one<Influence>(["influence", id], `/api/personas/${id}/influence`));
export const useDifference = (id: string, before: string, after: string) =>
  useQuery({
    queryKey: ["difference", id, before, after],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => read<Difference>(`/api/entities/${id}/difference`, { before: endOf(before), after: endOf(after) }, signal),
  });
export const useStory = (id: string) => useQuery(one<{ rows: StoryLine[] }>(["story", id], `/api/entities/${id}/story`));
export const useBuyingGroup = (id: string) => useQuery(one<{ rows: Buyer[] }>(["buying-group", id], `/api/companies/${id}/buying-group`));
export const useCompanyOf = (id: string) => useQuery(one<Company>(["company", id], `/api/companies/${id}`, { on: id !== "" }));
