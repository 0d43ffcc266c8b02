import { useQuery } from "@tanstack/react-query";

import { read } from "./client";
import type { Listing, Reward } from "./contract";
import type { Due, LiabilityMonth, Move, Payee, Payment, PayoutPolicy, Proposal, Rail, RewardDispute, TaxForm, TieOut } from "./money";
import { one, useListing, type Filters } from "./queries";

export const useHistory = (id: string) => useListing<Move>(`reward-history-${id}`, `/api/rewards/${id}/history`);
export const useDisputes = (id: string, on: boolean) => useQuery(one<{ rows: RewardDispute[] }>(["reward-disputes", id], `/api/rewards/${id}/disputes`, { on }));
export const useReward = (id: string) => useQuery({ ...one<Reward>(["rewards", "one", id], `/api/rewards/${id}`, { on: id !== "" }), retry: false });
export const useRewardsOfSale = (id: string, on: boolean) => useQuery({ ...one<{ rows: Reward[] }>(["rewards", "sale", id], `/api/conversions/${id}/rewards`, { on }), retry: false });
export const useLiability = (days: number) => useListing<LiabilityMonth>("liability", "/api/ledger/liability", { days: String(days), limit: "200" }, 60_000);
export const useMoneyProposals = (filters: Filters) => useListing<Proposal>("money-proposals", "/api/ledger/proposals", filters, 30_000);

export const useRails = () => useQuery(one<Listing<Rail>>(["rails"], "/api/rails?limit=200", { every: 60_000 }));
export const usePayments = (filters: Filters) => useListing<Payment>("payments", "/api/disbursements", filters, 15_000);
/** What a payout consists of: the payments of its rail that belong to it. */
export const usePaymentsOf = (payout: string, rail: string) =>
  useQuery({ queryKey: ["payments", "of", payout], queryFn: async ({ signal }) => (await read<Listing<Payment>>("/api/disbursements", { rail, limit: 200 }, signal)).rows.filter((row) => row.payout_id === payout), refetchInterval: 15_000, retry: false });
export const useUnknown = () => useQuery({ queryKey: ["payments", "unknown"], queryFn: ({ signal }) => read<Listing<Payment>>("/api/disbursements", { state: "unknown", limit: 200 }, signal), refetchInterval: 30_000, retry: false });
export const useTieOut = (day: string) => useQuery({ queryKey: ["tie-out", day], queryFn: ({ signal }) => read<{ rows: TieOut[] }>("/api/tie-out", { day }, signal), refetchInterval: 60_000 });
export const usePayoutPolicy = () => useQuery(one<PayoutPolicy>(["payout-policy"], "/api/payout-policy"));
export const useDue = () => useListing<Due>("payout-due", "/api/payout-runs/due", {}, 60_000);

export const useAllRewards = () => useListing<Reward>("rewards", "/api/rewards", { limit: "200" });
export const usePayees = (advocate: string) => useListing<Payee>(`payees-${advocate}`, `/api/advocates/${advocate}/payees`);
export const useTaxForm = (advocate: string) => useQuery(one<TaxForm>(["tax-form", advocate], `/api/advocates/${advocate}/tax`));
