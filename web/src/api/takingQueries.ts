import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { wishKey, write } from "./client";
import { one, useListing, type Filters } from "./queries";
import type { Act, ActDetail, AllWaiting, Application, ApplicationDetail, Deal, DealMove, Member, Verdict } from "./taking";

export const useWaiting = (on = true) => useQuery({ ...one<AllWaiting>(["taking-part"], "/api/taking-part", { every: 60_000, on }), retry: false });
export const useApplications = (program: string, filters: Filters) => useListing<Application>(`taking-applications-${program}`, `/api/programs/${program}/applications`, filters, 30_000);
export const useActs = (program: string, filters: Filters) => useListing<Act>(`taking-acts-${program}`, `/api/programs/${program}/submissions`, filters, 30_000);
export const useDeals = (program: string, filters: Filters) => useListing<Deal>(`taking-deals-${program}`, `/api/programs/${program}/registrations`, filters, 30_000);
export const useApplication = (id: string) => useQuery(one<ApplicationDetail>(["taking-application", id], `/api/applications/${id}`));
export const useAct = (id: string) => useQuery(one<ActDetail>(["taking-act", id], `/api/submissions/${id}`));
export const useDealMoves = (id: string) => useQuery(one<{ rows: DealMove[] }>(["taking-moves", id], `/api/registrations/${id}/moves`));
export const useMembers = (q: string, program: string) => useListing<Member>("members", "/api/program-advocates", { q, program, limit: "8" });

/** Nothing is shown as done before the server says so; a wish carries a key, so that it is done once. */
function useTaking<Input, Output>(send: (input: Input, once: string) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => send(input, wishKey()),
    onSettled: () => void client.invalidateQueries({ predicate: ({ queryKey }) => /^(taking-|members|rewards|overview|programs|audit)/.test(String(queryKey[0])) }),
  });
}
const post = <T>(path: string, body: unknown, once: string) => write<T>(path, body, "POST", false, once);
export const useDecideApplication = () => useTaking(({ id, ...body }: Verdict, once) => post<Application>(`/api/applications/${id}/decide`, body, once));
export const useApply = (program: string) => useTaking((body: { name: string; email: string; answers: string[] }, once) => post<Application>(`/api/programs/${program}/applications`, body, once));
export const useReviewAct = () => useTaking(({ id, verdict, reason }: Verdict, once) => post<Act>(`/api/submissions/${id}/review`, { verdict, reason }, once));
export const useHandIn = (program: string) => useTaking((body: { bounty: string; advocate_id: string; proof: string }, once) => post<Act>(`/api/programs/${program}/submissions`, body, once));
export const useDecideDeal = () => useTaking(({ id, verdict, reason }: Verdict, once) => post<Deal>(`/api/registrations/${id}/decide`, { verdict, reason }, once));
export const useMoveDeal = () => useTaking(({ id, ...body }: { id: string; stage: string; reason: string }, once) => post<Deal>(`/api/registrations/${id}/stage`, body, once));
export type NewDeal = { advocate_id: string; company: string; domain: string; contact: string; contact_email: string; amount_minor: number | null; currency: string };
export const useRegisterDeal = (program: string) => useTaking((body: NewDeal, once) => post<Deal>(`/api/programs/${program}/registrations`, body, once));
