import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { read, write } from "./client";
import type { Listing } from "./contract";
import { one } from "./queries";
import type { Condition, Member, Preview, Segment } from "./segments";

export const useSegments = () => useQuery(one<{ rows: Segment[] }>(["segments"], "/api/segments", { every: 30_000 }));
export const useSegment = (id: string) => useQuery(one<Segment>(["segment", id], `/api/segments/${id}`, { on: id !== "" }));
export const useMembers = (id: string) =>
  useInfiniteQuery({
    queryKey: ["members", id],
    queryFn: ({ pageParam, signal }) => read<Listing<Member>>(`/api/segments/${id}/members`, { after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
/** Whom a condition would hold for, before it is kept. */
export const usePreview = (condition: Condition | null) =>
  useQuery({
    queryKey: ["preview", JSON.stringify(condition)],
    enabled: condition !== null,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: () => write<Preview>("/api/segments/preview", { condition }),
  });
