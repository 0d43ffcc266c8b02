import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { read } from "./client";
import type { Listing } from "./contract";
import type { Budget, Models, Quality, Reading, Spend } from "./inference";
import { one } from "./queries";

export const useReadings = (filters: Record<string, string | null>) =>
  useInfiniteQuery({
    queryKey: ["readings", filters],
    queryFn: ({ pageParam, signal }) => read<Listing<Reading>>("/api/inference/review", { ...filters, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });

export const useQuality = () => useQuery(one<{ rows: Quality[] }>(["quality"], "/api/inference/quality"));
export const useSpend = () => useQuery(one<Spend>(["spend"], "/api/inference/spend", { every: 60_000 }));
export const useBudget = () => useQuery(one<Budget>(["budget"], "/api/inference/budget"));
export const useModels = () => useQuery(one<Models>(["models"], "/api/inference/models", { every: 5_000 }));
