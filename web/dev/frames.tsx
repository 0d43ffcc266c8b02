import { lazy, StrictMode, Suspense, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";

import type { GraphEdge } from "../src/api/contract";
import type { SceneNode } from "../src/api/graph";
import { clustered } from "../src/graph/layout";
import type { Controls } from "../src/graph/paint";
import type { Scene } from "../src/graph/scene";
import "../src/styles/tokens.css";
import "../src/styles/base.css";

declare global {
  interface Window { measure: { drag: (frames: number) => Promise<{ drawn: number[]; between: number[] }>; layoutMs: number; nodes: number; edges: number; ready: boolean } }
}

const asked = new URLSearchParams(window.location.search);
const SIZE = Number(asked.get("n") ?? 3000);
const Drawn = asked.get("by") === "flat" ? lazy(() => import("../src/graph/FlatCanvas")) : lazy(() => import("../src/graph/SigmaCanvas"));

/** A made-up graph of companies with their people and things, and edges between them; the same every time. */
function synthetic(size: number): Scene {
  let seed = 20261126;
  const roll = () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 4294967296; };
  const kinds = ["persona", "persona", "persona", "ticket", "deal", "subscription", "feature"];
  const firms = Math.round(size / 25);
  const nodes: SceneNode[] = Array.from({ length: firms }, (_, i) => ({ id: `c${i}`, kind: "company", name: `Company ${i}`, detail: "", company: `c${i}` }));
  const edges: GraphEdge[] = [];
  const link = (kind: string, src: string, dst: string) => { if (src !== dst) edges.push({ kind: `${kind}${edges.length}`, src, dst, confidence: 0.4 + roll() * 0.6, valid_from: "2026-01-01T00:00:00Z", valid_to: null, inferrer: "rule" }); };
  for (let i = firms; i < size; i++) {
    const home = Math.floor(roll() * firms);
    nodes.push({ id: `n${i}`, kind: kinds[Math.floor(roll() * kinds.length)] as string, name: `Node number ${i}`, detail: "", company: `c${home}` });
    link("works_at", `n${i}`, `c${home}`);
    if (roll() < 0.5 && i > firms + 1) link("referred", `n${i}`, `n${firms + Math.floor(roll() * (i - firms))}`);
  }
  return { centre: "c0", nodes, edges, truncated: false };
}

function Page() {
  const scene = useMemo(() => synthetic(SIZE), []);
  const placed = useMemo(() => {
    const before = performance.now();
    const found = clustered(scene);
    window.measure.layoutMs = performance.now() - before;
    return found;
  }, [scene]);
  const [, setControls] = useState<Controls | null>(null);
  window.measure.nodes = scene.nodes.length;
  window.measure.edges = scene.edges.length;
  return (
    <div style={{ position: "relative", height: "100vh", background: "var(--sunken)" }}>
      <Suspense>
        <Drawn scene={scene} placed={placed} lit={new Set()} chosenNode={null} chosenEdge={null} onNode={() => undefined} onEdge={() => undefined} onOpen={() => undefined} controls={(one) => { window.measure.ready = one !== null; setControls(one); }} />
      </Suspense>
    </div>
  );
}

/** Drags the picture in circles for some frames; how long each took from the movement to its last pixel, and from one to the next. */
async function drag(frames: number): Promise<{ drawn: number[]; between: number[] }> {
  const target = document.querySelector<HTMLElement>("canvas.sigma-mouse") ?? (document.querySelector("canvas") as HTMLElement);
  const send = (type: string, x: number, y: number) => {
    const at = { clientX: x, clientY: y, bubbles: true, cancelable: true, button: 0, buttons: 1 };
    target.dispatchEvent(new MouseEvent(type.replace("pointer", "mouse"), at));
    target.dispatchEvent(new PointerEvent(type, { ...at, pointerId: 1, pointerType: "mouse" }));
    if (type !== "pointerdown") document.dispatchEvent(new MouseEvent(type.replace("pointer", "mouse"), at));
  };
  HTMLElement.prototype.setPointerCapture = () => undefined; // a made-up pointer cannot be captured
  const flush = () => {
    for (const canvas of document.querySelectorAll("canvas")) {
      const gl = canvas.getContext("webgl2") as WebGL2RenderingContext | null;
      if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
      else canvas.getContext("2d")?.getImageData(0, 0, 1, 1);
    }
  };
  const next = () => new Promise<number>((done) => requestAnimationFrame(done));
  send("pointerdown", 600, 400);
  const drawn: number[] = [];
  const between: number[] = [];
  let last = await next();
  for (let i = 0; i < frames; i++) {
    const before = performance.now();
    send("pointermove", 600 + 140 * Math.sin(i / 9), 400 + 110 * Math.cos(i / 7));
    const now = await next(); // the picture's own callback was asked for before this one
    flush();
    drawn.push(performance.now() - before);
    between.push(now - last);
    last = now;
  }
  send("pointerup", 600, 400);
  return { drawn, between };
}

window.measure = { drag, layoutMs: 0, nodes: 0, edges: 0, ready: false };
createRoot(document.getElementById("root") as HTMLElement).render(asked.has("strict") ? <StrictMode><Page /></StrictMode> : <Page />);
