import { useQuery } from "@tanstack/react-query";

import type { Listing } from "./contract";
import { read } from "./client";
import type { FraudCase, FraudPolicy, FraudRow } from "./fraud";
import { one, useListing, type Filters } from "./queries";

export const useFraudCases = (filters: Filters) => useListing<FraudRow>("fraud-cases", "/api/fraud/cases", filters, 30_000);
export const useFraudCase = (id: string) => useQuery(one<FraudCase>(["fraud-case", id], `/api/fraud/cases/${id}`, { on: id !== "" }));
export const useFraudPolicy = () => useQuery(one<FraudPolicy>(["fraud-policy"], "/api/fraud/policy"));

/** How many cases wait for a person. */
export const useOpenCases = (on: boolean) =>
  useQuery({
    queryKey: ["fraud-cases", "count"], enabled: on, refetchInterval: 60_000, retry: false,
    queryFn: async ({ signal }) => (await read<Listing<unknown>>("/api/fraud/cases", { state: "open", limit: 1 }, signal)).total,
  });
