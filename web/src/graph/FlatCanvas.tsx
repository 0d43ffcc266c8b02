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
  const scale = Math.min(2.8, (width - 48) / Math.max(1, right - left), (height - 48) / Math.max(1, bottom - top));
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale };
}

type Bundle = { path: Path2D; color: string; width: number };
type Drawn = { edges: Bundle[]; nodes: Bundle[]; rings: Path2D; labels: { text: string; x: number; y: number; below: number; weight: number }[] };

/** The paths of what is looked at, in the picture's own measures: dragging only moves them. */
function bundle(props: CanvasProps, paint: Paint, scale: number, focus: string | null): Drawn {
  const near = new Set(focus ? props.scene.edges.flatMap((edge) => (edge.src === focus ? [edge.dst] : edge.dst === focus ? [edge.src] : [])) : []);
  const growth = Math.min(1.6, Math.max(0.55, Math.sqrt(scale))) / scale;
  const found: Drawn = { edges: bundledEdges(props, paint, focus), nodes: [], rings: new Path2D(), labels: [] };
  const paths = new Map<string, Path2D>();
  for (const node of props.scene.nodes) {
    const spot = props.placed.spots.get(node.id);
    if (!spot) continue;
    const bright = props.lit.size > 0 && focus === null ? props.lit.has(node.id) : focus === null || node.id === focus || near.has(node.id);
    const color = bright ? paint.node(node.kind) : paint.faint;
    const path = paths.get(color) ?? new Path2D();
    paths.set(color, path);
    const r = spot.size * growth;
    path.moveTo(spot.x + r, spot.y);
    path.arc(spot.x, spot.y, r, 0, Math.PI * 2);
    if (node.id === props.chosenNode) { const ring = r + 3 / scale; found.rings.moveTo(spot.x + ring, spot.y); found.rings.arc(spot.x, spot.y, ring, 0, Math.PI * 2); }
    const roomy = props.scene.nodes.length < 40 ? 0.9 : 1.5;
    if (node.id === props.scene.centre || node.id === focus || (bright && (scale > roomy || props.lit.has(node.id) || near.has(node.id)))) found.labels.push({ text: shortName(node.name, 22), x: spot.x, y: spot.y, below: r * scale + 12, weight: (node.id === focus ? 200 : node.id === props.scene.centre ? 100 : 0) + spot.size });
  }
  found.labels.sort((a, b) => b.weight - a.weight);
  // What steps back is drawn first.
  found.nodes = [...paths].map(([color, path]) => ({ path, color, width: 0 })).sort((a, b) => Number(b.color === paint.faint) - Number(a.color === paint.faint));
  return found;
}

function bundledEdges(props: CanvasProps, paint: Paint, focus: string | null): Bundle[] {
  const bundles = new Map<string, Bundle>();
  const quiet = focus !== null || props.lit.size > 0;
  for (const edge of props.scene.edges) {
    const from = props.placed.spots.get(edge.src);
    const to = props.placed.spots.get(edge.dst);
    if (!from || !to) continue;
    const key = edgeKey(edge);
    const bright = key === props.chosenEdge || props.lit.has(key);
    const touched = focus !== null && (edge.src === focus || edge.dst === focus);
    const color = bright ? paint.honey : touched ? paint.quiet : quiet ? paint.faint : paint.edge(edge.confidence);
    const width = bright ? 2.6 : touched ? 1.4 : quiet ? 0.8 : 1;
    const one = bundles.get(color + width) ?? { path: new Path2D(), color, width };
    bundles.set(color + width, one);
    one.path.moveTo(from.x, from.y);
    one.path.lineTo(to.x, to.y);
  }
  return [...bundles.values()].sort((a, b) => a.width - b.width);
}

function stroke(pen: CanvasRenderingContext2D, drawn: Drawn, paint: Paint, scale: number): void {
  for (const one of drawn.edges) {
    pen.lineWidth = one.width / scale;
    pen.strokeStyle = one.color;
    pen.stroke(one.path);
  }
  for (const one of drawn.nodes) {
    pen.fillStyle = one.color;
    pen.fill(one.path);
  }
  pen.lineWidth = 2 / scale;
  pen.strokeStyle = paint.honey;
  pen.stroke(drawn.rings);
}

function write(pen: CanvasRenderingContext2D, drawn: Drawn, paint: Paint, at: (x: number, y: number) => Place, width: number, height: number): void {
  pen.textAlign = "center";
  pen.font = '520 11px "Inter Variable", sans-serif';
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = paint.paper;
  pen.fillStyle = paint.ink;
  const taken: { x: number; y: number; half: number }[] = [];
  for (const label of drawn.labels) {
    const { x, y } = at(label.x, label.y);
    if (x < -80 || y < -20 || x > width + 80 || y > height + 20) continue;
    // A name that would lie over another is left out; coming closer makes room for it.
    const half = label.text.length * 2.9 + 3;
    if (taken.length > 160 || taken.some((one) => Math.abs(one.x - x) < one.half + half && Math.abs(one.y - (y + label.below)) < 12)) continue;
    taken.push({ x, y: y + label.below, half });
    pen.strokeText(label.text, x, y + label.below);
    pen.fillText(label.text, x, y + label.below);
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
    let paint = readPaint(live.current.scene.edges.length);
    let crowd = live.current.scene.edges.length;
    let frame = 0;
    let over: string | null = null;
    let room = { width: element.clientWidth, height: element.clientHeight };
    const at = (x: number, y: number): Place => {
      const now = view.current as View;
      return { x: (x - now.x) * now.scale + room.width / 2, y: (y - now.y) * now.scale + room.height / 2 };
    };
    let kept: { of: unknown[]; drawn: Drawn } | null = null;
    const drawnNow = (scale: number, focus: string | null): Drawn => {
      const now = live.current;
      if (now.scene.edges.length !== crowd) { crowd = now.scene.edges.length; paint = readPaint(crowd); }
      const of = [now.scene, now.placed, now.lit, now.chosenNode, now.chosenEdge, scale, focus];
      if (!kept || kept.of.some((one, i) => one !== of[i])) kept = { of, drawn: bundle(now, paint, scale, focus) };
      return kept.drawn;
    };
    const draw = () => {
      frame = 0;
      const { width, height } = room;
      if (width === 0) return;
      if (view.current?.centre !== live.current.scene.centre) view.current = { ...fitted(live.current, width, height), centre: live.current.scene.centre };
      const ratio = window.devicePixelRatio || 1;
      if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) Object.assign(element, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      const { x, y, scale } = view.current;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      drawHalos(pen, live.current.placed.clusters, paint, at);
      const drawn = drawnNow(scale, over ?? live.current.chosenNode);
      pen.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * (width / 2 - x * scale), ratio * (height / 2 - y * scale));
      stroke(pen, drawn, paint, scale);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      write(pen, drawn, paint, at, width, height);
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
      const { width, height } = room;
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
    const watcher = new ResizeObserver(() => { room = { width: element.clientWidth, height: element.clientHeight }; later(); });
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
