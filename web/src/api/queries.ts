import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import type { Autonomy } from "./brain";
import { Problem, read } from "./client";
import type { AnswerTold, Phrases } from "./answers";
import type {
  Ask, AskNow, AuditEntry, Company, Demo, EdgeEvidence, Explanation, Ledger, LiftPage,
  Listing, Message, MessageRow, Neighbourhood, Overview, Payout, PayoutDetail, Persona, PersonaRow,
  ReferralRow, Reward, Session, TimelineEntry, Transfer,
} from "./contract";
import type { SourceRow } from "./sources";

export type Filters = Record<string, string | null | undefined>;

/** How one thing is read: its key, its door, and how often again. */
export function one<T>(key: readonly unknown[], path: string, options: { every?: number; on?: boolean } = {}) {
  return {
    queryKey: key,
    queryFn: ({ signal }: { signal: AbortSignal }) => read<T>(path, {}, signal),
    refetchInterval: options.every ?? false,
    enabled: options.on ?? true,
  } as const;
}

/** A list read page by page; `after` is the server's opaque cursor. */
export function useListing<Row, Page extends Listing<Row> = Listing<Row>>(
  name: string,
  path: string,
  filters: Filters = {},
  every: number | false = false,
) {
  return useInfiniteQuery({
    queryKey: [name, filters],
    queryFn: ({ pageParam, signal }) => read<Page>(path, { ...filters, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: every || false,
  });
}

export const useSession = () => useQuery({ ...one<Session>(["session"], "/api/session"), staleTime: Infinity });
export const useOverview = () => useQuery(one<Overview>(["overview"], "/api/overview", { every: 15_000 }));

export const useAskNow = (filters: Filters) =>
  useListing<AskNow["rows"][number], AskNow>("ask-now", "/api/ask-now", filters, 20_000);
export const askQuery = (id: string) => one<Ask>(["ask", id], `/api/asks/${id}`, { on: id !== "" });
export const useAsk = (id: string) => useQuery(askQuery(id));
export const useAnswer = (id: string) => useQuery(one<AnswerTold>(["answer", id], `/api/asks/${id}/answer`, { on: id !== "" }));
export const usePhrases = (id: string) => useQuery(one<Phrases>(["phrases", id], `/api/asks/${id}/phrases`, { on: id !== "" }));

export const usePersonas = (filters: Filters) => useListing<PersonaRow>("personas", "/api/personas", filters);
export const usePersona = (id: string) => useQuery(one<Persona>(["persona", id], `/api/personas/${id}`));
export const useTimeline = (id: string) =>
  useListing<TimelineEntry>(`timeline-${id}`, `/api/personas/${id}/timeline`);
export const useCompany = (id: string) =>
  useQuery(one<Company>(["company", id], `/api/companies/${id}`, { on: id !== "" }));
export const useNeighbourhood = (id: string, validAt: string) =>
  useQuery({
    queryKey: ["neighbourhood", id, validAt],
    queryFn: ({ signal }) =>
      read<Neighbourhood>(`/api/entities/${id}/neighbourhood`, { valid_at: validAt, limit: 200 }, signal),
    placeholderData: keepPreviousData,
  });
export const useEdgeEvidence = (kind: string, src: string, dst: string) =>
  useQuery(one<{ rows: EdgeEvidence[] }>(["edge", kind, src, dst], `/api/edges/${kind}/${src}/${dst}/evidence`));

export const useOutbox = (filters: Filters) => useListing<MessageRow>("outbox", "/api/outbox", filters, 15_000);
export const useMessage = (id: string) =>
  useQuery(one<Message>(["message", id], `/api/outbox/${id}`, { on: id !== "" }));
export const useReferrals = (filters: Filters) =>
  useListing<ReferralRow>("referrals", "/api/referrals", filters, 20_000);

export const useRewards = (filters: Filters) => useListing<Reward>("rewards", "/api/rewards", filters);
export const usePayouts = () => useListing<Payout>("payouts", "/api/payouts");
export const usePayout = (id: string) =>
  useQuery(one<PayoutDetail>(["payout", id], `/api/payouts/${id}`, { on: id !== "" }));
export const useLedger = () => useQuery(one<Ledger>(["ledger"], "/api/ledger", { every: 60_000 }));
export const usePostings = (account: string) =>
  useListing<Transfer>("postings", "/api/ledger/postings", { account });
export const useExplanation = (subject: string) =>
  useQuery(one<Explanation>(["explain", subject], `/api/explain/${subject}`, { on: subject !== "" }));

export const useLift = () => useQuery(one<LiftPage>(["lift"], "/api/lift"));
export const useSources = () => useQuery(one<{ rows: SourceRow[] }>(["sources"], "/api/sources", { every: 5_000 }));
export const useAudit = () => useListing<AuditEntry>("audit", "/api/audit");

/** How many pairs wait for a person to say whether they are one. */
export const useOpenProposals = (on: boolean) =>
  useQuery({
    queryKey: ["proposals", "open"],
    enabled: on,
    refetchInterval: 60_000,
    retry: false,
    queryFn: async ({ signal }) => (await read<Listing<unknown>>("/api/identity/proposals", { state: "open", limit: 1 }, signal)).total,
  });

/** How many texts wait for a person's answer. */
export const useOpenReadings = (on: boolean) =>
  useQuery({
    queryKey: ["readings", "count"],
    enabled: on,
    refetchInterval: 60_000,
    retry: false,
    queryFn: async ({ signal }) => (await read<Listing<unknown>>("/api/inference/review", { state: "open", limit: 1 }, signal)).total,
  });

/** How many steps run alone at present, and whether everything is stopped. */
export const useRunsAlone = (on: boolean) =>
  useQuery({
    queryKey: ["autonomy", "mark"],
    enabled: on,
    refetchInterval: 30_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const page = await read<Autonomy>("/api/autonomy", { limit: 200 }, signal);
      return { stopped: page.stopped, alone: page.rows.filter((row) => row.level > 0 && !row.stopped).length };
    },
  });

/** The demo control, or null where this server runs no demo. */
export const useDemo = (on: boolean) =>
  useQuery({
    queryKey: ["demo"],
    enabled: on,
    refetchInterval: 3000,
    queryFn: async ({ signal }) => {
      try {
        return await read<Demo>("/api/demo", {}, signal);
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return null;
        throw failure;
      }
    },
  });
