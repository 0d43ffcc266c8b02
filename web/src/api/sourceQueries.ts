import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { read } from "./client";
import { one } from "./queries";
import type { Connection, Connector, DeadLetterPage, LivePage, MappingPreview, Plan, Shape, SourceDetail } from "./sources";

export const useSource = (id: string, every = 5_000) =>
  useQuery(one<SourceDetail>(["source", id], `/api/sources/${id}`, { every, on: id !== "" }));
/** The days of a source in a list: they change slowly. */
export const useSourceDays = (id: string) =>
  useQuery({ ...one<SourceDetail>(["source-days", id], `/api/sources/${id}`), staleTime: 120_000 });
export const useCatalogue = (id: string) =>
  useQuery(one<{ rows: Shape[] }>(["catalogue", id], `/api/sources/${id}/catalogue`, { every: 30_000 }));
export const usePlan = (id: string) => useQuery(one<Plan>(["plan", id], `/api/sources/${id}/plan`));

export const useConnectors = () =>
  useQuery({ ...one<{ rows: Connector[] }>(["connectors"], "/api/connectors"), staleTime: 300_000 });
export const useConnection = (id: string, every = 3_000) =>
  useQuery(one<Connection>(["connection", id], `/api/connections/${id}`, { every, on: id !== "" }));
export const useMappingPreview = (id: string, stream: string, on: boolean) =>
  useQuery({
    queryKey: ["mapping-preview", id, stream],
    queryFn: ({ signal }) => read<MappingPreview>(`/api/connections/${id}/preview`, { stream }, signal),
    enabled: on && id !== "" && stream !== "",
    staleTime: 60_000,
    retry: false,
  });

/** The newest rows a source sent; asked for every two seconds while it is looked at. */
export const useLiveTail = (id: string, on: boolean) =>
  useQuery(one<LivePage>(["live-tail", id], `/api/sources/${id}/live`, { every: on ? 2_000 : undefined, on: id !== "" }));

export type LetterFilters = { state?: string; source?: string; stage?: string; reason?: string };
export const useDeadLetters = (filters: LetterFilters) =>
  useInfiniteQuery({
    queryKey: ["dead-letters", filters],
    queryFn: ({ pageParam, signal }) => read<DeadLetterPage>("/api/dead-letters", { ...filters, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: 20_000,
  });
