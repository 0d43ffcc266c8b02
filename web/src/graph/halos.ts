import type { Paint } from "./paint";
import type { Cluster } from "./layout";

/** A pale disc under each company and its name above it. `at` maps the picture's place to the canvas. */
export function drawHalos(pen: CanvasRenderingContext2D, clusters: Cluster[], paint: Paint, at: (x: number, y: number) => { x: number; y: number }): void {
  const origin = at(0, 0);
  const scale = Math.abs(at(1, 0).x - origin.x);
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  for (const cluster of clusters) {
    const { x, y } = at(cluster.x, cluster.y);
    const r = cluster.r * scale + 6;
    pen.beginPath();
    pen.arc(x, y, r, 0, Math.PI * 2);
    pen.fillStyle = paint.halo;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = paint.line;
    pen.stroke();
    if (r < 22) continue;
    pen.font = '600 11px "Inter Variable", sans-serif';
    pen.fillStyle = paint.quiet;
    pen.fillText(cluster.name, x, y - r - 5);
  }
}
