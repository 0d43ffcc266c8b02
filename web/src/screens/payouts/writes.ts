import { useMutation, useQueryClient } from "@tanstack/react-query";

import { wishKey, write } from "../../api/client";
import type { Payout, Reward } from "../../api/contract";
import type { Ask, Proposal, Rail } from "../../api/money";
import { toast, toastProblem } from "../../parts/toast";

const TOUCHED = ["rewards", "payouts", "payout", "ledger", "postings", "overview", "explain", "audit", "liability", "money-proposals", "tie-out", "rails", "payments", "payout-due", "reward-disputes"];

/** Money moves only when the server says so: nothing here is shown before it is true. A wish carries a key, so that it is done once. */
function useMoneyWrite<Input, Output>(send: (input: Input, once: string) => Promise<Output>, done: string, refused: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => send(input, wishKey()),
    onSuccess: () => toast("good", done),
    onError: (failure) => toastProblem(refused, failure),
    onSettled: () => {
      for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] });
      void client.invalidateQueries({ predicate: ({ queryKey }) => /^reward-history-/.test(String(queryKey[0])) });
    },
  });
}
const post = <T>(path: string, body: unknown, once: string) => write<T>(path, body, "POST", false, once);

export const useApproveReward = () =>
  useMoneyWrite(({ id, reason }: { id: string; reason?: string }, once) => post<Reward>(`/api/rewards/${id}/approve`, { reason: reason ?? "" }, once), "Reward approved", "The reward was not approved");
export const useReverseReward = () =>
  useMoneyWrite(({ id, minor, reason }: { id: string; minor: number | null; reason: string }, once) => post<unknown>(`/api/rewards/${id}/reverse`, { key: `console-${once}`, minor, reason }, once), "Taken back", "Nothing was taken back");
export const useDisputeReward = () =>
  useMoneyWrite(({ id, reason }: { id: string; reason: string }, once) => post<unknown>(`/api/rewards/${id}/dispute`, { key: `console-${once.slice(0, 8)}`, reason }, once), "Disputed: it stays where it is until that is settled", "The dispute was not recorded");
export const useCloseDispute = () =>
  useMoneyWrite(({ id, outcome, key }: { id: string; outcome: "won" | "lost"; key: string }, once) => post<unknown>(`/api/rewards/${id}/dispute/close`, { key, outcome }, once), "The dispute is settled", "The dispute is still open");
export const useRequestPayout = () =>
  useMoneyWrite((input: { ids: string[]; rail: string }, once) => post<Payout>("/api/payouts", { reward_ids: input.ids, rail: input.rail }, once), "Payout requested: another person now approves it", "The payout was not requested");
export const useApprovePayout = () =>
  useMoneyWrite((id: string, once) => post<Payout>(`/api/payouts/${id}/approve`, {}, once), "Payout approved", "The payout was not approved");
export const useCancelPayout = () =>
  useMoneyWrite(({ id, reason }: { id: string; reason: string }, once) => post<Payout>(`/api/payouts/${id}/cancel`, { reason }, once), "Payout cancelled: its rewards are payable again", "The payout was not cancelled");
export const useMarkPaid = () =>
  useMoneyWrite(({ id, reference }: { id: string; reference: string }, once) => post<Payout>(`/api/payouts/${id}/paid`, { reference }, once), "Payout marked as paid", "The payout was not marked as paid");
/** Asks a provider again about a payment nobody knows the end of, under the key it knows. */
export const useAskAgain = () =>
  useMoneyWrite((id: string, once) => post<unknown>(`/api/disbursements/${id}/ask-again`, {}, once), "The provider is asked again", "It was not asked again");
export const usePropose = () =>
  useMoneyWrite(({ ask, reason }: { ask: Ask; reason: string }, once) => post<Proposal>("/api/ledger/proposals", { key: `console-${once}`, ask, reason }, once), "Waits for a second person", "It was not proposed");
export const useAnswerProposal = () =>
  useMoneyWrite(({ id, yes, reason }: { id: string; yes: boolean; reason?: string }, once) => post<Proposal>(`/api/ledger/proposals/${id}/${yes ? "confirm" : "reject"}`, yes ? {} : { reason: reason ?? "Not wanted" }, once), "Answered", "It still waits");
export type RailWish = { rail: string; config: Record<string, unknown>; secrets: Record<string, string> | null; enabled: boolean; hook: boolean };
/** Secrets go in and never come out; what is left out stays as it is. */
export const useSetUpRail = () =>
  useMoneyWrite(({ rail, ...body }: RailWish, once) => write<Rail>(`/api/rails/${rail}`, body, "PUT", false, once), "The rail is set up", "The rail stays as it was");
