import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { read } from "./client";
import type { Listing } from "./contract";
import type { IdentityConflict, Proposal, RecordsPage, Suppression } from "./identity";
import { one } from "./queries";

type Filters = Record<string, string | null | undefined>;

function useListing<Row>(name: string, path: string, filters: Filters, every: number | false = false) {
  return useInfiniteQuery({
    queryKey: [name, filters],
    queryFn: ({ pageParam, signal }) => read<Listing<Row>>(path, { ...filters, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: every,
  });
}

export const useProposals = (filters: Filters) => useListing<Proposal>("proposals", "/api/identity/proposals", filters, 30_000);
export const useConflicts = (filters: Filters) => useListing<IdentityConflict>("conflicts", "/api/identity/conflicts", filters);
export const useSuppressions = (filters: Filters) => useListing<Suppression>("suppressions", "/api/suppressions", filters);
export const useRecords = (kind: "personas" | "companies", id: string) =>
  useQuery(one<RecordsPage>(["records", kind, id], `/api/${kind}/${id}/records`));
