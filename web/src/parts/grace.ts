import { useCallback, useEffect, useRef, useState } from "react";

import { dropToast, toast, toastProblem, type ToastTone } from "./toast";

/** How long a decision can be taken back before it is sent, ms. */
const GRACE = 6000;

type Waiting<Row, Choice> = { row: Row; choice: Choice; timer: number; toast: number };
type Words<Row, Choice> = {
  said: (row: Row, choice: Choice) => { tone: ToastTone; text: string };
  name: (row: Row) => string;
  late: string;
};

/**
 * Decisions leave the queue at once and are sent a moment later, so that the last one is taken back without a
 * trace. What the server refuses comes back to its own place, with the reason.
 */
export function useGrace<Row extends { id: string }, Choice>(send: (row: Row, choice: Choice, leaving: boolean) => Promise<unknown>, after: () => void, words: Words<Row, Choice>) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef<Waiting<Row, Choice>[]>([]);
  const latest = useRef({ send, after, words });
  latest.current = { send, after, words };

  const show = useCallback((id: string) => setHidden((before) => new Set([...before].filter((one) => one !== id))), []);

  const dispatch = useCallback(async ({ row, choice }: Waiting<Row, Choice>, leaving = false): Promise<void> => {
    try {
      await latest.current.send(row, choice, leaving);
    } catch (failure) {
      show(row.id);
      toastProblem(`${latest.current.words.name(row)}: the decision was not kept`, failure);
    } finally {
      latest.current.after();
    }
  }, [show]);

  const undo = useCallback((id?: string): Row | null => {
    const entry = id === undefined ? waiting.current[waiting.current.length - 1] : waiting.current.find((one) => one.row.id === id);
    if (!entry) {
      toast("plain", "Nothing can be taken back any more", { detail: latest.current.words.late });
      return null;
    }
    window.clearTimeout(entry.timer);
    waiting.current = waiting.current.filter((one) => one !== entry);
    dropToast(entry.toast);
    show(entry.row.id);
    toast("plain", `Taken back: ${latest.current.words.name(entry.row)}`);
    return entry.row;
  }, [show]);

  const decide = useCallback((row: Row, choice: Choice): void => {
    if (waiting.current.some((one) => one.row.id === row.id)) return;
    setHidden((before) => new Set(before).add(row.id));
    const { tone, text } = latest.current.words.said(row, choice);
    const id = toast(tone, text, { action: { label: "Undo", run: () => void undo(row.id) } });
    const entry: Waiting<Row, Choice> = { row, choice, toast: id, timer: window.setTimeout(() => {
      waiting.current = waiting.current.filter((one) => one !== entry);
      dropToast(entry.toast);
      void dispatch(entry);
    }, GRACE) };
    waiting.current.push(entry);
  }, [dispatch, undo]);

  useEffect(() => {
    const flush = () => {
      for (const entry of waiting.current.splice(0)) {
        window.clearTimeout(entry.timer);
        dropToast(entry.toast);
        void dispatch(entry, true);
      }
    };
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [dispatch]);

  return { decide, undo, hidden };
}
