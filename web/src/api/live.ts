import { useSyncExternalStore } from "react";

import type { Pulse } from "./contract";

export type LiveState = {
  pulse: Pulse | null;
  connected: boolean;
  since: number; // when the connection last changed, ms
  heardAt: number | null; // when the last pulse came, ms
  eventsPerSecond: number | null;
};

let state: LiveState = {
  pulse: null,
  connected: false,
  since: Date.now(),
  heardAt: null,
  eventsPerSecond: null,
};
const listeners = new Set<() => void>();
let source: EventSource | null = null;
let retryIn = 1000;
let timer = 0;

function publish(change: Partial<LiveState>): void {
  const moved = change.connected !== undefined && change.connected !== state.connected;
  state = { ...state, ...change, ...(moved ? { since: Date.now() } : {}) };
  for (const listener of listeners) listener();
}

function open(): void {
  source = new EventSource("/api/live");
  source.addEventListener("open", () => {
    retryIn = 1000;
    publish({ connected: true });
  });
  source.addEventListener("pulse", (message) => {
    const pulse = JSON.parse((message as MessageEvent<string>).data) as Pulse;
    const before = state.pulse;
    const seconds = before ? (Date.parse(pulse.at) - Date.parse(before.at)) / 1000 : 0;
    const rate = before && seconds > 0 ? Math.max(0, (pulse.events - before.events) / seconds) : null;
    publish({ pulse, connected: true, heardAt: Date.now(), eventsPerSecond: rate });
  });
  source.addEventListener("error", () => {
    publish({ connected: false });
    // The browser reconnects by itself unless the server refused; then we do, ever more slowly.
    if (source?.readyState === EventSource.CLOSED) {
      window.clearTimeout(timer);
      timer = window.setTimeout(open, retryIn);
      retryIn = Math.min(retryIn * 2, 30_000);
    }
  });
}

/** Starts the live connection once. */
export function startLive(): void {
  if (!source) open();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The latest pulse of the server and whether we still hear it. */
export function useLive(): LiveState {
  return useSyncExternalStore(subscribe, () => state);
}
