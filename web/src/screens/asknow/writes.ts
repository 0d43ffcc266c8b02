import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { write } from "../../api/client";
import type { Approval, NotNowReason, QueueRow } from "../../api/contract";
import { toast, toastProblem } from "../../parts/toast";

export type Draft = { subject?: string; body?: string; offer_id?: number };

/** What became of an approved ask, in the server's own state and reason. */
export function outcomeWords(answer: Approval, name: string): { tone: "good" | "bad"; text: string; detail?: string } {
  const message = answer.message;
  const reason = message?.blocked_reason ?? undefined;
  if (message?.state === "blocked" || answer.ask.state === "blocked") {
    return { tone: "bad", text: `Blocked: ${reason ?? "a guardrail stands against it"}`, detail: `Nothing was sent to ${name}.` };
  }
  if (message?.state === "sent") return { tone: "good", text: `Sent to ${name}` };
  if (message?.state === "queued") return { tone: "good", text: `Queued for ${name}`, detail: reason ?? (answer.follow_ups.on ? answer.follow_ups.sentence : "The outbox shows when it leaves.") };
  if (message?.state === "failed") return { tone: "bad", text: `The message to ${name} failed`, detail: reason };
  return { tone: "good", text: `Approved for ${name}`, detail: reason };
}

/**
 * Approve and not-now. An answered row is hidden at once; the list itself is not touched, so that a
 * refusal brings the row back in its own place whatever else was answered in the meantime.
 */
export function useAskWrites() {
  const client = useQueryClient();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const running = useRef(new Set<string>());

  const take = async (row: QueueRow, send: () => Promise<void>, refused: string, again: () => void) => {
    if (running.current.has(row.id)) return;
    running.current.add(row.id);
    setHidden((before) => new Set(before).add(row.id));
    try {
      await send();
    } catch (failure) {
      setHidden((before) => new Set([...before].filter((id) => id !== row.id)));
      toastProblem(refused, failure, again);
    } finally {
      running.current.delete(row.id);
      for (const name of ["ask-now", "overview", "outbox", "referrals", "audit"]) void client.invalidateQueries({ queryKey: [name] });
      void client.invalidateQueries({ queryKey: ["ask", row.id] });
    }
  };

  const approve = (row: QueueRow, draft: Draft): void => {
    void take(
      row,
      async () => {
        const said = outcomeWords(await write<Approval>(`/api/asks/${row.id}/approve`, draft), row.persona.name);
        toast(said.tone, said.text, { detail: said.detail });
      },
      `The ask to ${row.persona.name} was not approved`,
      () => approve(row, draft),
    );
  };
  const notNow = (row: QueueRow, reason: NotNowReason, note: string): void => {
    void take(
      row,
      async () => {
        await write(`/api/asks/${row.id}/not-now`, note ? { reason, note } : { reason });
        toast("plain", `Not now for ${row.persona.name}`, { detail: "The reason is kept for learning." });
      },
      `${row.persona.name} is still in the queue`,
      () => notNow(row, reason, note),
    );
  };
  return { approve, notNow, hidden };
}
