import { useEffect, useRef } from "react";

import type { GraphEdge } from "../api/contract";
import css from "./graph.module.css";
import { drawHalos } from "./halos";
import { edgeKey } from "./kinds";
import { paint as readPaint, shortName, useThemeName, type CanvasProps, type Paint } from "./paint";

type View = { x: number; y: number; scale: number };
type Place = { x: number; y: number };

function fitted(props: CanvasProps, width: number, height: number): View {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const reach = (x: number, y: number, r: number) => { left = Math.min(left, x - r); right = Math.max(right, x + r); top = Math.min(top, y - r); bottom = Math.max(bottom, y + r); };
  for (const spot of props.placed.spots.values()) reach(spot.x, spot.y, spot.size);
  for (const one of props.placed.clusters) reach(one.x, one.y, one.r + 14);
  if (left === Infinity) return { x: 0, y: 0, scale: 1 };
  const scale = Math.min(1.8, (width - 48) / Math.max(1, right - left), (height - 48) / Math.max(1, bottom - top));
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale };
}

function drawEdges(pen: CanvasRenderingContext2D, props: CanvasProps, paint: Paint, at: (x: number, y: number) => Place, focus: string | null): void {
  // One stroke per colour: a thousand edges are a few paths.
  const bundles = new Map<string, [Place, Place][]>();
  const quiet = focus !== null || props.lit.size > 0;
  for (const edge of props.scene.edges) {
    const from = props.placed.spots.get(edge.src);
    const to = props.placed.spots.get(edge.dst);
    if (!from || !to) continue;
    const key = edgeKey(edge);
    const bright = key === props.chosenEdge || props.lit.has(key);
    const touched = focus !== null && (edge.src === focus || edge.dst === focus);
    const look = bright ? `2.6 ${paint.honey}` : touched ? `1.4 ${paint.quiet}` : quiet ? `0.8 ${paint.faint}` : `1 ${paint.edge(edge.confidence)}`;
    const list = bundles.get(look);
    const line: [Place, Place] = [at(from.x, from.y), at(to.x, to.y)];
    if (list) list.push(line);
    else bundles.set(look, [line]);
  }
  for (const [look, lines] of [...bundles].sort()) {
    const [width = "1", color = ""] = look.split(" ");
    pen.beginPath();
    for (const [a, b] of lines) { pen.moveTo(a.x, a.y); pen.lineTo(b.x, b.y); }
    pen.lineWidth = Number(width);
    pen.strokeStyle = color;
    pen.stroke();
  }
}

function drawNodes(pen: CanvasRenderingContext2D, props: CanvasProps, paint: Paint, at: (x: number, y: number) => Place, view: View, focus: string | null, near: ReadonlySet<string>): void {
  const growth = Math.min(1.6, Math.max(0.55, Math.sqrt(view.scale)));
  pen.textAlign = "center";
  pen.font = '520 11px "Inter Variable", sans-serif';
  for (const node of props.scene.nodes) {
    const spot = props.placed.spots.get(node.id);
    if (!spot) continue;
    const { x, y } = at(spot.x, spot.y);
    const bright = props.lit.size > 0 && focus === null ? props.lit.has(node.id) : focus === null || node.id === focus || near.has(node.id);
    const r = spot.size * growth;
    pen.beginPath();
    pen.arc(x, y, r, 0, Math.PI * 2);
    pen.fillStyle = bright ? paint.node(node.kind) : paint.faint;
    pen.fill();
    if (node.id === props.chosenNode) { pen.lineWidth = 2; pen.strokeStyle = paint.honey; pen.beginPath(); pen.arc(x, y, r + 3, 0, Math.PI * 2); pen.stroke(); }
    const named = node.id === props.scene.centre || node.id === focus || (bright && (view.scale > 1.5 || props.lit.has(node.id) || near.has(node.id)));
    if (!named) continue;
    pen.lineWidth = 3;
    pen.strokeStyle = paint.paper;
    pen.strokeText(shortName(node.name, 22), x, y + r + 12);
    pen.fillStyle = paint.ink;
    pen.fillText(shortName(node.name, 22), x, y + r + 12);
  }
}

const offLine = (p: Place, a: Place, b: Place): number => {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length));
  return Math.hypot(p.x - a.x - t * (b.x - a.x), p.y - a.y - t * (b.y - a.y));
};

/** The same picture without a graphics card: plain canvas, for browsers that have no WebGL. */
export default function FlatCanvas(props: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useRef(props);
  live.current = props;
  const view = useRef<View & { centre: string } | null>(null);
  const redraw = useRef<() => void>(() => undefined);
  const theme = useThemeName();

  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen) return;
    const paint = readPaint();
    let frame = 0;
    let over: string | null = null;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const at = (x: number, y: number): Place => {
      const { width, height } = size();
      const now = view.current as View;
      return { x: (x - now.x) * now.scale + width / 2, y: (y - now.y) * now.scale + height / 2 };
    };
    const draw = () => {
      frame = 0;
      const { width, height } = size();
      if (width === 0) return;
      if (view.current?.centre !== live.current.scene.centre) view.current = { ...fitted(live.current, width, height), centre: live.current.scene.centre };
      const ratio = window.devicePixelRatio || 1;
      if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) Object.assign(element, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      const focus = over ?? live.current.chosenNode;
      const near = new Set(focus ? live.current.scene.edges.flatMap((edge) => (edge.src === focus ? [edge.dst] : edge.dst === focus ? [edge.src] : [])) : []);
      drawHalos(pen, live.current.placed.clusters, paint, at);
      drawEdges(pen, live.current, paint, at, focus);
      drawNodes(pen, live.current, paint, at, view.current, focus, near);
    };
    const later = () => { if (!frame) frame = requestAnimationFrame(draw); };
    redraw.current = later;
    const hit = (event: MouseEvent): { node?: string; edge?: GraphEdge } => {
      const box = element.getBoundingClientRect();
      const p = { x: event.clientX - box.left, y: event.clientY - box.top };
      let best: { id: string; d: number } | null = null;
      for (const [id, spot] of live.current.placed.spots) {
        const place = at(spot.x, spot.y);
        const d = Math.hypot(place.x - p.x, place.y - p.y);
        if (d < spot.size * 1.4 + 4 && (!best || d < best.d)) best = { id, d };
      }
      if (best) return { node: best.id };
      let line: { edge: GraphEdge; d: number } | null = null;
      for (const edge of live.current.scene.edges) {
        const [a, b] = [live.current.placed.spots.get(edge.src), live.current.placed.spots.get(edge.dst)];
        if (!a || !b) continue;
        const d = offLine(p, at(a.x, a.y), at(b.x, b.y));
        if (d < 6 && (!line || d < line.d)) line = { edge, d };
      }
      return line ? { edge: line.edge } : {};
    };
    let held: { x: number; y: number; moved: boolean } | null = null;
    const down = (event: PointerEvent) => { held = { x: event.clientX, y: event.clientY, moved: false }; element.setPointerCapture(event.pointerId); };
    const move = (event: PointerEvent) => {
      if (held && view.current) {
        const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
        if (!held.moved && Math.hypot(dx, dy) < 4) return;
        view.current.x -= dx / view.current.scale;
        view.current.y -= dy / view.current.scale;
        held = { x: event.clientX, y: event.clientY, moved: true };
        later();
        return;
      }
      const { node, edge } = hit(event);
      element.style.cursor = node || edge ? "pointer" : "grab";
      if ((node ?? null) !== over) { over = node ?? null; later(); }
    };
    const up = (event: PointerEvent) => {
      const moved = held?.moved ?? false;
      held = null;
      if (moved) return;
      const { node, edge } = hit(event);
      if (edge) live.current.onEdge(edge);
      else live.current.onNode(node ?? null);
    };
    const twice = (event: MouseEvent) => { const { node } = hit(event); if (node) live.current.onOpen(node); };
    const zoom = (factor: number, p?: Place) => {
      if (!view.current) return;
      const { width, height } = size();
      const [px, py] = p ? [p.x - width / 2, p.y - height / 2] : [0, 0];
      const scale = Math.max(0.08, Math.min(8, view.current.scale * factor));
      view.current.x += px / view.current.scale - px / scale;
      view.current.y += py / view.current.scale - py / scale;
      view.current.scale = scale;
      later();
    };
    const wheel = (event: WheelEvent) => { event.preventDefault(); const box = element.getBoundingClientRect(); zoom(Math.exp(-event.deltaY * 0.0016), { x: event.clientX - box.left, y: event.clientY - box.top }); };
    const stop = new AbortController();
    const on = { signal: stop.signal };
    element.addEventListener("pointerdown", down, on);
    element.addEventListener("pointermove", move, on);
    element.addEventListener("pointerup", up, on);
    element.addEventListener("dblclick", twice, on);
    element.addEventListener("wheel", wheel, { ...on, passive: false });
    const watcher = new ResizeObserver(later);
    watcher.observe(element);
    live.current.controls({ zoom, fit: () => { view.current = null; later(); } });
    later();
    return () => {
      stop.abort();
      watcher.disconnect();
      cancelAnimationFrame(frame);
      live.current.controls(null);
    };
  }, [theme]);

  useEffect(() => redraw.current());
  return <canvas ref={canvas} className={css.canvas} aria-hidden />;
}
