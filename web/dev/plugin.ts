import type { IncomingMessage, ServerResponse } from "node:http";

import type { Connect, Plugin } from "vite";

import { answer, Refusal } from "./fixtures/routes.ts";

const POLICY = "default-src 'self'; script-src 'self' 'nonce-__HONEYGUIDE_NONCE__'; style-src 'self' 'nonce-__HONEYGUIDE_NONCE__'; img-src 'self' data:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

function send(response: ServerResponse, status: number, body: unknown, kind = "application/json"): void {
  response.writeHead(status, { "content-type": kind, "x-request-id": "req_fixture_01", "cache-control": "no-store" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function pulse(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  let events = 182_400;
  const beat = () => {
    events += 60 + Math.floor(Math.random() * 40);
    response.write(`event: pulse\ndata: ${JSON.stringify({ events, edges: 48_210 + Math.floor(events / 9000), queue: answer.waiting(), at: new Date().toISOString() })}\n\n`);
  };
  beat();
  const timer = setInterval(beat, 2000);
  request.on("close", () => clearInterval(timer));
}

const middleware: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? "/", "http://fixture");
  response.setHeader("content-security-policy", POLICY);
  if (!url.pathname.startsWith("/api/")) return next();
  if (url.pathname === "/api/live") return pulse(request, response);
  const scene = /hg-scene=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
  // The answer that never comes: what is drawn until it does.
  if (scene === "slow" && url.pathname !== "/api/session") return;
  let raw = "";
  request.on("data", (chunk: Buffer) => { raw += chunk.toString(); });
  request.on("end", () => {
    const wait = Number(process.env.HG_FIXTURE_DELAY ?? 60);
    setTimeout(() => {
      try {
        if (request.method !== "GET" && request.headers["x-honeyguide-csrf"] !== "fixture-token") throw new Refusal(403, "The session's token is missing");
        const body = answer.to(request.method ?? "GET", url, raw ? (JSON.parse(raw) as Record<string, unknown>) : {}, scene);
        if (typeof body === "string") send(response, 200, body, "text/csv");
        else send(response, 200, body);
      } catch (failure) {
        const status = failure instanceof Refusal ? failure.status : 500;
        const title = failure instanceof Error ? failure.message : "It failed";
        send(response, status, { type: "about:blank", title, status, detail: failure instanceof Refusal ? failure.detail : "", advice: failure instanceof Refusal ? failure.advice : "", request_id: "req_fixture_01" }, "application/problem+json");
      }
    }, wait);
  });
};

/** Answers /api from invented data, with the content policy a real server sends. */
export function fixtures(): Plugin {
  return {
    name: "honeyguide-fixtures",
    configureServer: (server) => { server.middlewares.use(middleware); },
    configurePreviewServer: (server) => { server.middlewares.use(middleware); },
  };
}
