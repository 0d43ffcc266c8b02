import { useQueryClient, type InfiniteData, type QueryKey } from "@tanstack/react-query";
import { useRef } from "react";

import { write } from "../../api/client";
import type { Approval, AskNow, NotNowReason, QueueRow } from "../../api/contract";
import { toast, toastProblem } from "../../parts/toast";

export type Draft = { subject?: string; body?: string; offer_id?: number };
type Pages = InfiniteData<AskNow>;

/** What became of an approved ask, in the server's own state and reason. */
export function outcomeWords(answer: Approval, name: string): { tone: "good" | "bad"; text: string; detail?: string } {
  const message = answer.message;
  const reason = message?.blocked_reason ?? undefined;
  if (message?.state === "blocked" || answer.ask.state === "blocked") {
    return { tone: "bad", text: `Blocked: ${reason ?? "a guardrail stands against it"}`, detail: `Nothing was sent to ${name}.` };
  }
  if (message?.state === "sent") return { tone: "good", text: `Sent to ${name}` };
  if (message?.state === "queued") return { tone: "good", text: `Queued for ${name}`, detail: reason ?? "The outbox shows when it leaves." };
  if (message?.state === "failed") return { tone: "bad", text: `The message to ${name} failed`, detail: reason };
  return { tone: "good", text: `Approved for ${name}`, detail: reason };
}

/** Approve and not-now: the row leaves at once and comes back, in its place, when the server refuses. */
export function useAskWrites() {
  const client = useQueryClient();
  const running = useRef(new Set<string>());

  const take = async (row: QueueRow, send: () => Promise<void>, refused: string, again: () => void) => {
    if (running.current.has(row.id)) return;
    running.current.add(row.id);
    await client.cancelQueries({ queryKey: ["ask-now"] });
    const before = client.getQueriesData<Pages>({ queryKey: ["ask-now"] });
    for (const [key, pages] of before) client.setQueryData(key, without(pages, row.id));
    try {
      await send();
    } catch (failure) {
      putBack(client.getQueryData.bind(client), client.setQueryData.bind(client), before, row);
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
  return { approve, notNow };
}

function without(pages: Pages | undefined, id: string): Pages | undefined {
  if (!pages) return pages;
  const had = pages.pages.some((page) => page.rows.some((row) => row.id === id));
  if (!had) return pages;
  return { ...pages, pages: pages.pages.map((page) => ({ ...page, total: page.total - 1, rows: page.rows.filter((row) => row.id !== id) })) };
}

/** Only this row returns: others that were answered in the meantime stay gone. */
function putBack(
  get: (key: QueryKey) => unknown, set: (key: QueryKey, value: Pages) => unknown, before: [QueryKey, Pages | undefined][], row: QueueRow,
): void {
  for (const [key, old] of before) {
    const now = get(key) as Pages | undefined;
    if (!old || !now || now.pages.some((page) => page.rows.some((one) => one.id === row.id))) continue;
    old.pages.forEach((page, i) => {
      const at = page.rows.findIndex((one) => one.id === row.id);
      const target = now.pages[i];
      if (at < 0 || !target) return;
      const rows = [...target.rows.slice(0, at), row, ...target.rows.slice(at)];
      set(key, { ...now, pages: now.pages.map((one, j) => (j === i ? { ...one, rows, total: one.total + 1 } : one)) });
    });
  }
}
