import type { Paint } from "./paint";
import type { Cluster } from "./layout";

/** A pale disc under each company and, where there is room, its name above it. `at` maps the picture's place to the canvas. */
export function drawHalos(pen: CanvasRenderingContext2D, clusters: Cluster[], paint: Paint, at: (x: number, y: number) => { x: number; y: number }): void {
  const origin = at(0, 0);
  const scale = Math.abs(at(1, 0).x - origin.x);
  const discs = clusters.map((cluster) => ({ ...at(cluster.x, cluster.y), r: cluster.r * scale + 4, name: cluster.name, n: cluster.n }));
  pen.beginPath();
  for (const { x, y, r } of discs) { pen.moveTo(x + r, y); pen.arc(x, y, r, 0, Math.PI * 2); }
  pen.fillStyle = paint.halo;
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = paint.line;
  pen.stroke();
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  pen.font = '600 11px "Inter Variable", sans-serif';
  pen.fillStyle = paint.quiet;
  const taken: { x: number; y: number; half: number }[] = [];
  for (const { x, y, r, name } of discs.sort((a, b) => b.n - a.n)) {
    const place = { x, y: y - r - 5, half: name.length * 3.2 + 6 };
    if (r < 16 || taken.some((one) => Math.abs(one.x - x) < one.half + place.half && Math.abs(one.y - place.y) < 14)) continue;
    if (discs.some((one) => one.name !== name && Math.hypot(one.x - x, one.y - place.y) < one.r - 2)) continue;
    taken.push(place);
    pen.fillText(name, x, place.y);
  }
}
