import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { write } from "../../api/client";
import type { Proposal } from "../../api/identity";
import { dropToast, toast, toastProblem } from "../../parts/toast";
import { pairName } from "./pair";

export type Decision = "accept" | "reject";
type Waiting = { row: Proposal; decision: Decision; timer: number; toast: number };

/** How long a decision can be taken back before it is sent, ms. */
const GRACE = 6000;

/**
 * Decisions leave the queue at once and are sent a moment later, so that U takes the last one back without
 * a trace. What the server refuses comes back to its own place, with the reason.
 */
export function useDecisions() {
  const client = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef<Waiting[]>([]);

  const show = useCallback((id: string) => setHidden((before) => new Set([...before].filter((one) => one !== id))), []);

  const send = useCallback(async ({ row, decision }: Waiting, leaving = false): Promise<void> => {
    try {
      await write<Proposal>(`/api/identity/proposals/${row.id}/${decision}`, {}, "POST", leaving);
    } catch (failure) {
      show(row.id);
      toastProblem(`${pairName(row)}: the decision was not kept`, failure);
    } finally {
      for (const name of ["proposals", "conflicts", "personas", "persona", "records", "overview", "audit"]) void client.invalidateQueries({ queryKey: [name] });
    }
  }, [client, show]);

  const decide = useCallback((row: Proposal, decision: Decision): void => {
    if (waiting.current.some((one) => one.row.id === row.id)) return;
    setHidden((before) => new Set(before).add(row.id));
    const id = toast(decision === "accept" ? "good" : "plain", decision === "accept" ? `One: ${pairName(row)}` : `Kept apart: ${pairName(row)}`, {
      action: { label: "Undo", run: () => undo(row.id) },
    });
    const entry: Waiting = { row, decision, toast: id, timer: window.setTimeout(() => {
      waiting.current = waiting.current.filter((one) => one !== entry);
      dropToast(entry.toast);
      void send(entry);
    }, GRACE) };
    waiting.current.push(entry);
  // `undo` reads only refs: it is the same whenever it is called.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [send]);

  const undo = useCallback((id?: string): Proposal | null => {
    const entry = id === undefined ? waiting.current[waiting.current.length - 1] : waiting.current.find((one) => one.row.id === id);
    if (!entry) {
      toast("plain", "Nothing can be taken back any more", { detail: "A decision is sent after six seconds. Two that were joined can be separated on the person's own page." });
      return null;
    }
    window.clearTimeout(entry.timer);
    waiting.current = waiting.current.filter((one) => one !== entry);
    dropToast(entry.toast);
    show(entry.row.id);
    toast("plain", `Taken back: ${pairName(entry.row)}`);
    return entry.row;
  }, [show]);

  useEffect(() => {
    const flush = () => {
      for (const entry of waiting.current.splice(0)) {
        window.clearTimeout(entry.timer);
        dropToast(entry.toast);
        void send(entry, true);
      }
    };
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [send]);

  return { decide, undo, hidden };
}
