import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { read, write } from "../../../api/client";
import type { LetterFilters } from "../../../api/sourceQueries";
import type { DeadLetterPage, LetterOutcome } from "../../../api/sources";
import { toast, toastProblem } from "../../../parts/toast";

export type Work = { done: number; total: number; fine: number; again: number };
type BulkAnswer = { rows?: LetterOutcome[]; retried?: number; failed?: number; outcome?: string };

const BATCH = 20;
const went = (outcome: string): boolean => !/fail|open|dead|again|invalid/.test(outcome);

function tally(answer: BulkAnswer, asked: number): { fine: number; again: number } {
  if (answer.rows) {
    const fine = answer.rows.filter((one) => went(one.outcome)).length;
    return { fine, again: answer.rows.length - fine };
  }
  if (answer.retried !== undefined || answer.failed !== undefined) return { fine: answer.retried ?? 0, again: answer.failed ?? 0 };
  return went(answer.outcome ?? "") ? { fine: asked, again: 0 } : { fine: 0, again: asked };
}

/** Retries letters in small batches, so that one can watch, and stop. */
export function useBulkRetry() {
  const client = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const stopped = useRef(false);

  const all = async (filters: LetterFilters): Promise<string[]> => {
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const page: DeadLetterPage = await read<DeadLetterPage>("/api/dead-letters", { ...filters, after, limit: 200 });
      ids.push(...page.rows.filter((row) => row.state === "open").map((row) => row.id));
      after = page.next;
    } while (after && ids.length < 10_000);
    return ids;
  };

  const run = async (wanted: string[] | LetterFilters): Promise<void> => {
    stopped.current = false;
    let now: Work = { done: 0, total: Array.isArray(wanted) ? wanted.length : 0, fine: 0, again: 0 };
    setWork(now);
    try {
      const ids = Array.isArray(wanted) ? wanted : await all(wanted);
      now = { ...now, total: ids.length };
      setWork(now);
      for (let at = 0; at < ids.length && !stopped.current; at += BATCH) {
        const part = ids.slice(at, at + BATCH);
        const { fine, again } = tally(await write<BulkAnswer>("/api/dead-letters/retry", { ids: part }), part.length);
        now = { ...now, done: now.done + part.length, fine: now.fine + fine, again: now.again + again };
        setWork(now);
      }
      const left = now.total - now.done;
      const detail = [now.again > 0 ? `${now.again} failed again and stay open with their new reason.` : "", left > 0 ? `${left} were not tried.` : ""].filter(Boolean).join(" ");
      toast(now.again > 0 ? "plain" : "good", `${now.fine} of ${now.done} went through`, { detail: detail || undefined });
    } catch (failure) {
      toastProblem(`Stopped after ${now.done} of ${now.total}`, failure);
    } finally {
      setWork(null);
      for (const name of ["dead-letters", "sources", "source", "source-days"]) void client.invalidateQueries({ queryKey: [name] });
    }
  };
  return { work, run: (wanted: string[] | LetterFilters) => void run(wanted), stop: () => { stopped.current = true; } };
}
