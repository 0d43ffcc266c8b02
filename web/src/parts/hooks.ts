import { useEffect, useRef, useState, useSyncExternalStore } from "react";

/** The present time, renewed every `every` ms, so that ages and time left stay true. */
export function useNow(every = 15_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

/** One column: the list is the page and details open over it. */
export const useIsNarrow = (): boolean => useMedia("(max-width: 900px)");

/** A value that follows only after the typing has paused. */
export function useSettled<T>(value: T, delay = 220): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), delay);
    return () => window.clearTimeout(timer);
  }, [value, delay]);
  return settled;
}

type Keys = Record<string, (event: KeyboardEvent) => void>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable='true']");

// Until when a key belongs to "g then ..." and to nothing else, ms.
let chordUntil = 0;
let chordStart: KeyboardEvent | null = null;

/** Starts the two-key sequence: for a moment only `afterG` keys are heard. */
export function startChord(event: KeyboardEvent): void {
  chordStart = event;
  chordUntil = Date.now() + 1200;
}

/** Single-key shortcuts; silent while someone types, holds a modifier, or a dialog is open. */
export function useKeys(keys: Keys, on = true, afterG = false): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector("dialog[open], [role='menu']")) return;
      if (event === chordStart || afterG !== Date.now() < chordUntil) return;
      // Listeners that run after this one must still see that the key was taken.
      if (afterG) window.setTimeout(() => { chordUntil = 0; });
      latest.current[event.key]?.(event);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [on, afterG]);
}

/** Moves focus among the children that match, for menus, tabs and lists. */
export function moveFocus(root: HTMLElement | null, selector: string, step: number | "first" | "last"): void {
  const stops = [...(root?.querySelectorAll<HTMLElement>(selector) ?? [])];
  if (stops.length === 0) return;
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next =
    step === "first" ? 0 : step === "last" ? stops.length - 1 : (at + step + stops.length) % stops.length;
  stops[next]?.focus();
}
