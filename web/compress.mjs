// Writes .gz and .br beside every text file of the build, so that no request pays for compression.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../src/honeyguide/web/static/console/", import.meta.url).pathname;
const TEXT = new Set([".js", ".css", ".html", ".svg", ".txt", ".json", ".webmanifest"]);

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, String(name));
  // The page itself is not compressed here: the server writes each answer's nonce into it.
  if (!statSync(path).isFile() || !TEXT.has(extname(path)) || String(name) === "index.html") continue;
  const body = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
