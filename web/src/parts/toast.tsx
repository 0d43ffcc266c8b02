import { useSyncExternalStore } from "react";

import { Problem } from "../api/client";
import { Icon, type IconName } from "./icons";
import css from "./toast.module.css";

export type ToastTone = "good" | "bad" | "plain";
type Toast = { id: number; tone: ToastTone; text: string; detail?: string; action?: { label: string; run: () => void } };

let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();
const publish = (next: Toast[]) => {
  toasts = next;
  for (const listener of listeners) listener();
};

export const dropToast = (id: number): void => publish(toasts.filter((toast) => toast.id !== id));

/** Says what happened; bad news, and what can be taken back, stays twice as long. Returns its id, by which it can be taken away. */
export function toast(tone: ToastTone, text: string, more: Pick<Toast, "detail" | "action"> = {}): number {
  const id = nextId++;
  publish([...toasts.slice(-2), { id, tone, text, ...more }]);
  window.setTimeout(() => dropToast(id), tone === "bad" || more.action ? 12_000 : 6_000);
  return id;
}

/** Words for a refused write, with the request id an operator can quote. */
export function toastProblem(text: string, failure: unknown, retry?: () => void): void {
  const problem = failure instanceof Problem ? failure : null;
  const parts = [problem?.title, problem?.detail, problem?.advice].filter(Boolean);
  if (problem?.requestId) parts.push(`Request ${problem.requestId}`);
  toast("bad", text, {
    detail: parts.join(". ").replace(/\.\./g, ".") || String(failure),
    action: retry ? { label: "Try again", run: retry } : undefined,
  });
}

const ICONS: Record<ToastTone, IconName> = { good: "circle-check", bad: "triangle-alert", plain: "info" };

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className={css.place} role="status" aria-live="polite">
      {shown.map((one) => (
        <div key={one.id} className={css.toast} data-tone={one.tone}>
          <Icon name={ICONS[one.tone]} size={17} />
          <div className="grow">
            <p className="strong">{one.text}</p>
            {one.detail && <p className={css.detail}>{one.detail}</p>}
          </div>
          {one.action && (
            <button className="btn small" onClick={() => { dropToast(one.id); one.action?.run(); }}>{one.action.label}</button>
          )}
          <button className={css.close} onClick={() => dropToast(one.id)} aria-label="Dismiss"><Icon name="x" size={14} /></button>
        </div>
      ))}
    </div>
  );
}
