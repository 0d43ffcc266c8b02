// Measures how smoothly a large graph is dragged: processor time a frame, time between frames, time of the layout.
//   npm run dev:fixtures -- --port 4518   then   node dev/frames.mjs [base address] [nodes]
// There is no graphics card under a headless browser: sigma is drawn by an imitation of one on the processor
// (SwiftShader), far slower than any real card. The console draws by plain canvas (flat) on such machines.
import { readdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const base = process.argv[2] ?? "http://127.0.0.1:4518";
const size = process.argv[3] ?? "3000";
const FRAMES = Number(process.argv[4] ?? 60);
const GL = { flat: ["--disable-gpu"], sigma: ["--enable-unsafe-swiftshader", "--use-angle=swiftshader", "--ignore-gpu-blocklist"] };
let server;

/** Processor milliseconds of the browser and all it started (Linux). */
function cpuMs() {
  const parents = new Map();
  const spent = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      parents.set(pid, fields[1]);
      spent.set(pid, (Number(fields[11]) + Number(fields[12])) * 10);
    } catch {
      // It has ended since.
    }
  }
  const root = String(server.process().pid);
  const isOurs = (pid) => { for (let at = pid; at && at !== "0"; at = parents.get(at)) if (at === root) return true; return false; };
  return [...spent].reduce((sum, [pid, ms]) => sum + (isOurs(pid) ? ms : 0), 0);
}

for (const by of ["flat", "sigma"].filter((one) => (process.argv[5] ?? one) === one)) {
  server = await chromium.launchServer({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking", ...GL[by]] });
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(120_000);
  page.on("pageerror", (failure) => console.error(by, failure.message));
  await page.goto(`${base}/dev/frames.html?n=${size}&by=${by}`);
  await page.waitForFunction(() => globalThis.measure?.ready);
  await page.waitForTimeout(1500);
  await page.evaluate(() => globalThis.measure.drag(5));
  const before = cpuMs();
  const { drawn, between } = await page.evaluate((frames) => globalThis.measure.drag(frames), FRAMES);
  const cpu = (cpuMs() - before) / FRAMES;
  const { layoutMs, nodes, edges } = await page.evaluate(() => ({ layoutMs: globalThis.measure.layoutMs, nodes: globalThis.measure.nodes, edges: globalThis.measure.edges }));
  const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(1);
  console.log(`${by.padEnd(5)} ${nodes} nodes, ${edges} edges, ${FRAMES} frames: processor ${cpu.toFixed(1)} ms a frame; drawn median ${at(drawn, 0.5)} ms, p95 ${at(drawn, 0.95)}; between frames median ${at(between, 0.5)}; layout ${layoutMs.toFixed(0)} ms`);
  await browser.close();
  await server.close();
}
