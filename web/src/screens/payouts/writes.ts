import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../../api/client";
import type { Payout, Reward } from "../../api/contract";
import { toast, toastProblem } from "../../parts/toast";

/** Money moves only when the server says so: nothing here is shown before it is true. */
function useMoneyWrite<Input, Output>(send: (input: Input) => Promise<Output>, done: string, refused: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: () => toast("good", done),
    onError: (failure) => toastProblem(refused, failure),
    onSettled: () => {
      for (const name of ["rewards", "payouts", "payout", "ledger", "postings", "overview", "explain", "audit"]) void client.invalidateQueries({ queryKey: [name] });
    },
  });
}

export const useApproveReward = () =>
  useMoneyWrite((id: string) => write<Reward>(`/api/rewards/${id}/approve`), "Reward approved", "The reward was not approved");
export const useVoidReward = () =>
  useMoneyWrite(({ id, reason }: { id: string; reason: string }) => write<Reward>(`/api/rewards/${id}/void`, { reason }), "Reward voided", "The reward was not voided");
export const useRequestPayout = () =>
  useMoneyWrite((rewardIds: string[]) => write<Payout>("/api/payouts", { reward_ids: rewardIds }), "Payout requested: another person now approves it", "The payout was not requested");
export const useApprovePayout = () =>
  useMoneyWrite((id: string) => write<Payout>(`/api/payouts/${id}/approve`), "Payout approved", "The payout was not approved");
export const useMarkPaid = () =>
  useMoneyWrite(({ id, reference }: { id: string; reference: string }) => write<Payout>(`/api/payouts/${id}/paid`, { reference }), "Payout marked as paid", "The payout was not marked as paid");
