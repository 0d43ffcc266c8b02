import { useSyncExternalStore } from "react";

import type { GraphEdge, Id } from "../api/contract";
import { kindOf } from "./kinds";
import type { Placed } from "./layout";
import type { Scene } from "./scene";

export type Controls = { zoom: (factor: number) => void; fit: () => void };
export type CanvasProps = {
  scene: Scene;
  placed: Placed;
  /** What is looked at: the rest steps back. Edge keys and node ids. */
  lit: ReadonlySet<string>;
  chosenNode: Id | null;
  chosenEdge: string | null;
  onNode: (id: Id | null) => void;
  onEdge: (edge: GraphEdge) => void;
  onOpen: (id: Id) => void;
  controls: (controls: Controls | null) => void;
};

const TONES: Record<string, string> = {
  honey: "--honey", info: "--info", violet: "--violet", teal: "--teal", good: "--good", warn: "--warn", plain: "--ink-3", bad: "--bad",
};

export type Paint = { node: (kind: string) => string; ink: string; quiet: string; paper: string; line: string; edge: (confidence: number) => string; honey: string; halo: string; faint: string };

const channels = (hex: string): [number, number, number] => {
  const text = hex.replace("#", "");
  const full = text.length === 3 ? [...text].map((c) => c + c).join("") : text.slice(0, 6);
  return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16) || 0) as [number, number, number];
};

/** `over` at `share` upon `under`, as a plain colour: what is not see-through costs nothing to blend. */
export function mixed(over: string, under: string, share: number): string {
  const a = channels(over);
  const b = channels(under);
  return `#${a.map((one, i) => Math.round(one * share + (b[i] ?? 0) * (1 - share)).toString(16).padStart(2, "0")).join("")}`;
}

/** The colours of the present theme; where edges crowd, each is paler. */
export function paint(edges = 0): Paint {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const [ink3, sunken] = [color("--ink-3"), color("--sunken")];
  const shades = Array.from({ length: 11 }, (_, i) => mixed(ink3, sunken, (0.1 + (i / 10) * 0.36) * (edges > 600 ? 0.45 : edges > 250 ? 0.7 : 1)));
  return {
    node: (kind) => color(TONES[kindOf(kind).tone] ?? "--ink-3"),
    ink: color("--ink"), quiet: color("--ink-3"), paper: sunken, line: color("--line"), honey: color("--honey-text"), halo: color("--hover"),
    edge: (confidence) => shades[Math.round(Math.max(0, Math.min(1, confidence)) * 10)] ?? ink3,
    faint: mixed(ink3, sunken, 0.14),
  };
}

/** light or dark, and again when it changes: a canvas has to be painted anew. */
export function useThemeName(): string {
  return useSyncExternalStore((listener) => {
    const watcher = new MutationObserver(listener);
    watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => watcher.disconnect();
  }, () => document.documentElement.dataset.theme ?? "light");
}

let card: boolean | null = null;
/** Whether a graphics card draws here. One that is imitated on the processor is slower than a plain canvas. */
export function hasGraphicsCard(): boolean {
  if (card === null) {
    const context = document.createElement("canvas").getContext("webgl2");
    const named = context?.getExtension("WEBGL_debug_renderer_info");
    const name = context ? String(context.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : context.RENDERER)) : "";
    card = context !== null && !/swiftshader|llvmpipe|software|basic render/i.test(name);
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return card;
}

/** Names worth a label at any distance: the centre, what is chosen, and each cluster by its own. */
export const shortName = (name: string, most = 28): string => (name.length > most ? `${name.slice(0, most - 1).trimEnd()}…` : name);
