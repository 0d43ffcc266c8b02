import { useQuery } from "@tanstack/react-query";

import type { Reward } from "./contract";
import type { Budget, Liability, PayoutLine, Proposal, Rail, RewardMore, Statement, TaxRow, TieOut } from "./money";
import { one, useListing, type Filters } from "./queries";

export const useReward = (id: string) => useQuery(one<Reward & Partial<RewardMore>>(["reward", id], `/api/rewards/${id}`, { on: id !== "" }));
export const useLiability = (days: number) => useQuery(one<Liability>(["liability", days], `/api/ledger/liability?horizon_days=${days}`, { every: 60_000 }));
export const useBudgets = () => useQuery(one<{ rows: Budget[] }>(["budgets"], "/api/budgets", { every: 60_000 }));
export const useMoneyProposals = (filters: Filters) => useListing<Proposal>("money-proposals", "/api/ledger/proposals", filters, 30_000);
export const useRails = () => useQuery(one<{ rows: Rail[] }>(["rails"], "/api/rails", { every: 30_000 }));
export const usePayoutLines = (id: string, filters: Filters) => useListing<PayoutLine>(`payout-lines-${id}`, `/api/payouts/${id}/lines`, filters, 15_000);
export const useTieOut = (filters: Filters) => useListing<TieOut>("tie-out", "/api/tie-out", filters, 60_000);
export const useStatements = (filters: Filters) => useListing<Statement>("statements", "/api/statements", filters);
export const useTax = (filters: Filters) => useListing<TaxRow>("tax", "/api/tax", filters);
