import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { read, write } from "../../../api/client";
import type { LetterFilters } from "../../../api/sourceQueries";
import type { LetterRun } from "../../../api/sources";
import { toast, toastProblem } from "../../../parts/toast";

export type Work = { done: number; total: number; fine: number; again: number; stops: boolean };

const BATCH = 20;
const wait = (ms: number) => new Promise((resolve) => window.setTimeout(resolve, ms));

/** Retries many letters: picked ones in small batches, those of a filter by a worker that goes on without this page. */
export function useBulkRetry() {
  const client = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const stopped = useRef(false);
  useEffect(() => () => { stopped.current = true; }, []);

  const picked = async (ids: string[], say: (work: Work) => void): Promise<Work> => {
    let now: Work = { done: 0, total: ids.length, fine: 0, again: 0, stops: true };
    say(now);
    for (let at = 0; at < ids.length && !stopped.current; at += BATCH) {
      const run = await write<LetterRun>("/api/dead-letters/retry", { ids: ids.slice(at, at + BATCH) });
      now = { ...now, done: now.done + run.done, fine: now.fine + run.succeeded, again: now.again + run.failed };
      say(now);
    }
    return now;
  };
  const filtered = async ({ source, stage, reason }: LetterFilters, say: (work: Work) => void): Promise<Work> => {
    const shape = (run: LetterRun): Work => ({ done: run.done, total: run.total, fine: run.succeeded, again: run.failed, stops: false });
    let run = await write<LetterRun>("/api/dead-letters/retry", { ...(source ? { source } : {}), ...(stage ? { stage } : {}), ...(reason ? { reason } : {}) });
    say(shape(run));
    while (run.outcome !== "done" && !stopped.current) {
      await wait(1000);
      run = await read<LetterRun>(`/api/dead-letters/retries/${run.id}`);
      say(shape(run));
    }
    return shape(run);
  };

  const run = async (wanted: string[] | LetterFilters): Promise<void> => {
    stopped.current = false;
    let last: Work = { done: 0, total: 0, fine: 0, again: 0, stops: true };
    const say = (now: Work) => { last = now; setWork(now); };
    try {
      const now = await (Array.isArray(wanted) ? picked(wanted, say) : filtered(wanted, say));
      const left = now.total - now.done;
      const detail = [now.again > 0 ? `${now.again} failed again and stay open with their new reason.` : "", left > 0 ? `${left} were not tried.` : ""].filter(Boolean).join(" ");
      toast(now.again > 0 ? "plain" : "good", `${now.fine} of ${now.done} went through`, { detail: detail || undefined });
    } catch (failure) {
      toastProblem(`Stopped after ${last.done} of ${last.total}`, failure);
    } finally {
      setWork(null);
      for (const name of ["dead-letters", "sources", "source", "source-days"]) void client.invalidateQueries({ queryKey: [name] });
    }
  };
  return { work, run: (wanted: string[] | LetterFilters) => void run(wanted), stop: () => { stopped.current = true; } };
}
