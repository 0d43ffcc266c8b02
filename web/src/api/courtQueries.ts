import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { write } from "./client";
import type { ConversionDetail, ConversionRow, CourtPreview, Decision } from "./court";
import { one, useListing, type Filters } from "./queries";

export const useConversions = (filters: Filters) => useListing<ConversionRow>("conversions", "/api/conversions", filters, 30_000);
export const useConversion = (id: string) => useQuery(one<ConversionDetail>(["conversion", id], `/api/conversions/${id}`, { on: id !== "" }));
export const previewDecision = (id: string, decision: Decision) => write<CourtPreview>(`/api/conversions/${id}/preview`, decision);

const TOUCHED = ["conversions", "conversion", "referrals", "rewards", "ledger", "postings", "overview", "explain", "audit"];
function useCourtWrite<Input>(send: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => { for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] }); } });
}
export const useDispute = (id: string) => useCourtWrite((input: { by: string; claim: string; side: string }) => write(`/api/conversions/${id}/dispute`, input));
export const useDecide = (id: string) => useCourtWrite((decision: Decision) => write(`/api/conversions/${id}/decide`, decision));
