import Graph from "graphology";
import { useEffect, useMemo, useRef } from "react";
import Sigma from "sigma";

import type { GraphEdge } from "../api/contract";
import css from "./graph.module.css";
import { drawHalos } from "./halos";
import { edgeKey } from "./kinds";
import { paint as readPaint, shortName, useThemeName, type CanvasProps, type Paint } from "./paint";
import { neighbours } from "./scene";

function build({ scene, placed }: Pick<CanvasProps, "scene" | "placed">, paint: Paint): Graph {
  const graph = new Graph({ multi: true, type: "directed" });
  for (const node of scene.nodes) {
    const spot = placed.spots.get(node.id);
    if (spot) graph.addNode(node.id, { x: spot.x, y: -spot.y, size: spot.size, label: shortName(node.name), color: paint.node(node.kind) });
  }
  for (const edge of scene.edges) {
    if (!graph.hasNode(edge.src) || !graph.hasNode(edge.dst)) continue;
    graph.addEdgeWithKey(edgeKey(edge), edge.src, edge.dst, { size: 0.5 + edge.confidence * 1.3, color: paint.edge(edge.confidence), edge });
  }
  return graph;
}

/** The picture's frame: the discs and their names, not only the nodes. */
function box(placed: CanvasProps["placed"]): { x: [number, number]; y: [number, number] } | null {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const spot of placed.spots.values()) { xs.push(spot.x - spot.size, spot.x + spot.size); ys.push(-spot.y - spot.size, -spot.y + spot.size); }
  for (const one of placed.clusters) { xs.push(one.x - one.r, one.x + one.r); ys.push(-one.y - one.r, -one.y + one.r + 12); }
  if (xs.length === 0) return null;
  const span = (list: number[]): [number, number] => [list.reduce((a, b) => Math.min(a, b)), list.reduce((a, b) => Math.max(a, b))];
  return { x: span(xs), y: span(ys) };
}

/** Hovered or chosen: the label in the theme's own colours. */
const hoverLabel = (paint: Paint, surface: string) => (pen: CanvasRenderingContext2D, data: { x: number; y: number; size: number; label: string | null }) => {
  pen.beginPath();
  pen.arc(data.x, data.y, data.size + 3, 0, Math.PI * 2);
  pen.lineWidth = 2;
  pen.strokeStyle = paint.honey;
  pen.stroke();
  if (!data.label) return;
  pen.font = '600 12px "Inter Variable", sans-serif';
  const width = pen.measureText(data.label).width;
  pen.fillStyle = surface;
  pen.beginPath();
  pen.roundRect(data.x + data.size + 6, data.y - 11, width + 12, 22, 6);
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = paint.line;
  pen.stroke();
  pen.fillStyle = paint.ink;
  pen.textAlign = "left";
  pen.fillText(data.label, data.x + data.size + 12, data.y + 4);
};

/** The picture on the graphics card. */
export default function SigmaCanvas(props: CanvasProps) {
  const { scene, placed, lit, chosenNode, chosenEdge, controls } = props;
  const place = useRef<HTMLDivElement>(null);
  const live = useRef(props);
  live.current = props;
  const shown = useRef<Sigma | null>(null);
  const hovered = useRef<string | null>(null);
  const camera = useRef<{ x: number; y: number; ratio: number; angle: number; centre: string } | null>(null);
  const theme = useThemeName();
  const near = useMemo(() => new Map([...neighbours(scene.edges)].map(([id, list]) => [id, new Set(list)])), [scene]);
  const closest = useRef(near);
  closest.current = near;

  useEffect(() => {
    if (!place.current) return;
    const paint = readPaint(scene.edges.length);
    const surface = getComputedStyle(document.documentElement).getPropertyValue("--raised").trim();
    const graph = build({ scene, placed }, paint);
    const isLit = (id: string) => {
      const { lit: wanted } = live.current;
      const focus = hovered.current ?? live.current.chosenNode;
      if (wanted.size > 0 && !hovered.current) return wanted.has(id);
      return focus === null || id === focus || (closest.current.get(focus)?.has(id) ?? false);
    };
    const sigma = new Sigma(graph, place.current, {
      labelColor: { color: paint.ink }, labelFont: "Inter Variable, sans-serif", labelSize: 11, labelWeight: "520", labelDensity: 0.7, labelGridCellSize: 110,
      labelRenderedSizeThreshold: 5.5, enableEdgeEvents: true, stagePadding: 18, zIndex: true, minCameraRatio: 0.05, maxCameraRatio: 4,
      hideEdgesOnMove: scene.edges.length > 20_000, defaultDrawNodeHover: hoverLabel(paint, surface),
      nodeReducer: (id, data) => {
        const now = live.current;
        const chosen = id === now.chosenNode || id === now.scene.centre;
        if (isLit(id)) return { ...data, forceLabel: chosen || now.lit.has(id), highlighted: id === now.chosenNode, zIndex: 1 };
        return { ...data, color: paint.faint, label: chosen ? (data.label as string) : "", zIndex: 0 };
      },
      edgeReducer: (key, data) => {
        const now = live.current;
        const edge = data.edge as GraphEdge;
        if (key === now.chosenEdge || now.lit.has(key)) return { ...data, color: paint.honey, size: 2.6, zIndex: 2 };
        const focus = hovered.current ?? now.chosenNode;
        if (focus !== null && (edge.src === focus || edge.dst === focus)) return { ...data, color: paint.quiet, zIndex: 1 };
        return focus !== null || now.lit.size > 0 ? { ...data, color: paint.faint, zIndex: 0 } : data;
      },
    });
    sigma.setCustomBBox(box(placed));
    const halo = sigma.createCanvas("halos", { beforeLayer: "edges" });
    halo.style.pointerEvents = "none";
    const pen = halo.getContext("2d");
    const draw = () => {
      if (!pen) return;
      const { width, height } = sigma.getDimensions();
      const ratio = window.devicePixelRatio || 1;
      if (halo.width !== width * ratio || halo.height !== height * ratio) {
        Object.assign(halo, { width: width * ratio, height: height * ratio });
        Object.assign(halo.style, { width: `${width}px`, height: `${height}px` });
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      drawHalos(pen, placed.clusters, paint, (x, y) => sigma.graphToViewport({ x, y: -y }));
    };
    sigma.on("afterRender", draw);
    sigma.on("clickNode", ({ node }) => live.current.onNode(node));
    sigma.on("doubleClickNode", ({ node, preventSigmaDefault }) => { preventSigmaDefault(); live.current.onOpen(node); });
    sigma.on("clickEdge", ({ edge }) => live.current.onEdge(graph.getEdgeAttribute(edge, "edge") as GraphEdge));
    sigma.on("clickStage", () => live.current.onNode(null));
    const hover = (node: string | null) => { hovered.current = node; sigma.refresh({ skipIndexation: true }); if (place.current) place.current.style.cursor = node ? "pointer" : ""; };
    sigma.on("enterNode", ({ node }) => hover(node));
    sigma.on("leaveNode", () => hover(null));
    sigma.on("enterEdge", () => { if (place.current) place.current.style.cursor = "pointer"; });
    sigma.on("leaveEdge", () => { if (place.current) place.current.style.cursor = ""; });
    // A view that is refined, not exchanged, keeps where one looked.
    if (camera.current?.centre === scene.centre) sigma.getCamera().setState(camera.current);
    shown.current = sigma;
    controls({
      zoom: (factor) => { const now = sigma.getCamera(); void now.animate({ ratio: now.ratio / factor }, { duration: 140 }); },
      fit: () => void sigma.getCamera().animatedReset({ duration: 160 }),
    });
    return () => {
      camera.current = { ...sigma.getCamera().getState(), centre: scene.centre };
      controls(null);
      shown.current = null;
      hovered.current = null;
      sigma.kill();
    };
  }, [scene, placed, theme, controls]);

  useEffect(() => { shown.current?.refresh({ skipIndexation: true }); }, [lit, chosenNode, chosenEdge]);
  return <div ref={place} className={css.canvas} aria-hidden />;
}
