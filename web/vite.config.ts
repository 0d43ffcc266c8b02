import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { fixtures } from "./dev/plugin.ts";

const server = process.env.HONEYGUIDE_URL ?? "http://127.0.0.1:8600";
const doors = ["/api", "/sign-in", "/health", "/r", "/l", "/u", "/p"];

/** `--mode fixtures` answers /api from invented data; otherwise a running server does. */
export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "fixtures" ? [fixtures()] : [])],
  // The server puts each answer's nonce where this word stands.
  html: { cspNonce: "__HONEYGUIDE_NONCE__" },
  build: {
    outDir: "../src/honeyguide/web/static/console",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows no data: addresses
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: "es2022",
    rolldownOptions: { checks: { pluginTimings: false } },
    reportCompressedSize: false,
  },
  server: {
    proxy:
      mode === "fixtures"
        ? {}
        : Object.fromEntries(doors.map((door) => [`^${door}(/|$|\\?)`, { target: server }])),
  },
}));
