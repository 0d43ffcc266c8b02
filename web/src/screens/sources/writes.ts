import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write, type Method } from "../../api/client";
import type { Connection } from "../../api/sources";
import { toast, toastProblem } from "../../parts/toast";

/** A write about sources; what is shown is read again, whatever came of it. */
export function useSourceWrite<Input, Output>(
  send: (input: Input) => { path: string; body?: unknown; method?: Method },
  words: { done?: string | ((output: Output, input: Input) => string); refused: string },
) {
  const client = useQueryClient();
  return useMutation<Output, unknown, Input>({
    mutationFn: (input) => {
      const { path, body, method } = send(input);
      return write<Output>(path, body ?? {}, method);
    },
    onSuccess: (output, input) => {
      const text = typeof words.done === "function" ? words.done(output, input) : words.done;
      if (text) toast("good", text);
    },
    onError: (failure) => toastProblem(words.refused, failure),
    onSettled: () => {
      for (const name of ["sources", "source", "source-days", "connection", "dead-letters", "plan", "audit"]) void client.invalidateQueries({ queryKey: [name] });
    },
  });
}

/** Chooses which streams a connection brings; the next page knows it at once. */
export function useStreams(id: string, done?: string) {
  const client = useQueryClient();
  const send = useSourceWrite<string[], Connection>((streams) => ({ path: `/api/connections/${id}`, body: { streams }, method: "PUT" }), { done, refused: "The streams were not changed" });
  return { ...send, choose: (streams: string[], then?: () => void) => send.mutate(streams, { onSuccess: (now) => { client.setQueryData(["connection", id], now); then?.(); } }) };
}

export const usePause = (say = true) =>
  useSourceWrite(({ id, pause, connection }: { id: string; pause: boolean; connection: boolean }) => ({ path: `/api/${connection ? "connections" : "sources"}/${id}/${pause ? "pause" : "resume"}` }), {
    done: (_, { pause }) => (!say ? "" : pause ? "Paused: nothing is read or accepted until you resume" : "Resumed"), refused: "Nothing was changed",
  });
/** Says whether a source's key lives on servers only, so that what it tells of money counts. */
export const useTrust = () =>
  useSourceWrite(({ id, yes }: { id: string; yes: boolean }) => ({ path: `/api/sources/${id}/trust`, body: { server_only: yes } }), {
    done: (_, { yes }) => (yes ? "What it tells of deals, payments and refunds counts from its next event on" : "What it tells of money no longer counts, from its next event on"), refused: "Nothing was changed",
  });
export const useSync = (say = true) =>
  useSourceWrite(({ id, stream, full }: { id: string; stream?: string; full?: boolean }) => ({ path: `/api/connections/${id}/sync`, body: { ...(stream ? { stream } : {}), ...(full ? { full } : {}) } }), {
    done: (_, { full }) => (!say ? "" : full ? "Everything is read again; what is known already counts as a duplicate" : "The next round begins now"), refused: "The reading was not started",
  });
