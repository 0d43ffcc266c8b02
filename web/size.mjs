// Fails when the JavaScript that the console needs to start is larger than its budget.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 180;
const dist = new URL("../src/honeyguide/web/static/console/", import.meta.url).pathname;
const page = readFileSync(join(dist, "index.html"), "utf8");

// What index.html names, and everything those modules import at once (not what they import later).
const wanted = [...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((hit) => hit[1]);
const start = new Set();
while (wanted.length > 0) {
  const name = wanted.pop();
  if (start.has(name)) continue;
  start.add(name);
  const text = readFileSync(join(dist, name), "utf8");
  for (const hit of text.matchAll(/(?:^|[;}\s])(?:import|export)(?:[^"'()]*?from)?\s*["']\.\/([^"']+\.js)["']/g)) wanted.push(`assets/${hit[1]}`);
}
const kb = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length / 1024;
const total = [...start].reduce((sum, name) => sum + kb(name), 0);
for (const name of [...start].sort()) console.log(`${kb(name).toFixed(1).padStart(7)} KB gz  ${name}`);
for (const name of readdirSync(join(dist, "assets")).filter((one) => /\.(js|css)$/.test(one) && !start.has(`assets/${one}`)).sort()) {
  console.log(`${kb(`assets/${name}`).toFixed(1).padStart(7)} KB gz  assets/${name} (${name.endsWith(".css") ? "style" : "later"})`);
}
console.log(`start: ${total.toFixed(1)} KB gz of ${BUDGET_KB}`);
if (total > BUDGET_KB) process.exit(1);
