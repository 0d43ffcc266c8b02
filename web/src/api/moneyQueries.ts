import { useQuery } from "@tanstack/react-query";

import type { LiabilityMonth, Move, PayoutLine, Proposal, Rail, Statement, TaxRow, TieOut } from "./money";
import { one, useListing, type Filters } from "./queries";

export const useHistory = (id: string) => useListing<Move>(`reward-history-${id}`, `/api/rewards/${id}/history`);
export const useLiability = (days: number) => useListing<LiabilityMonth>("liability", "/api/ledger/liability", { days: String(days), limit: "200" }, 60_000);
export const useMoneyProposals = (filters: Filters) => useListing<Proposal>("money-proposals", "/api/ledger/proposals", filters, 30_000);
export const useRails = () => useQuery(one<{ rows: Rail[] }>(["rails"], "/api/rails", { every: 30_000 }));
export const usePayoutLines = (id: string, filters: Filters) => useListing<PayoutLine>(`payout-lines-${id}`, `/api/payouts/${id}/lines`, filters, 15_000);
export const useTieOut = (filters: Filters) => useListing<TieOut>("tie-out", "/api/tie-out", filters, 60_000);
export const useStatements = (filters: Filters) => useListing<Statement>("statements", "/api/statements", filters);
export const useTax = (filters: Filters) => useListing<TaxRow>("tax", "/api/tax", filters);
