/** A refusal as the server words it: what happened, why, and what to do. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly advice: string;
  readonly requestId: string;

  constructor(status: number, body: Record<string, unknown>, requestId: string) {
    const text = (key: string) => (typeof body[key] === "string" ? (body[key] as string) : "");
    super(text("title") || text("detail") || `The server answered ${status}`);
    this.status = status;
    this.title = this.message;
    this.detail = text("detail");
    this.advice = text("advice");
    this.requestId = text("request_id") || requestId;
  }
}

let csrf = "";

/** Keeps the token that every write of this session must carry. */
export function rememberCsrf(token: string): void {
  csrf = token;
}

type Params = Record<string, string | number | null | undefined>;

/** An address with the parameters that have a value. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") query.set(key, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...init });
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem(
      0,
      { title: "The server cannot be reached", advice: "Check that it is running, then try again." },
      "",
    );
  }
  const requestId = answer.headers.get("x-request-id") ?? "";
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  if (answer.status === 401) leaveForSignIn();
  if (!answer.ok) {
    const body = isJson ? ((await answer.json().catch(() => ({}))) as Record<string, unknown>) : {};
    throw new Problem(answer.status, body, requestId);
  }
  if (answer.status === 204) return undefined as T;
  if (!isJson) {
    throw new Problem(answer.status, { title: "The server sent something unexpected" }, requestId);
  }
  return (await answer.json()) as T;
}

function leaveForSignIn(): void {
  const here = window.location.pathname + window.location.search;
  window.location.assign(here === "/" ? "/sign-in" : address("/sign-in", { next: here }));
}

/** Reads JSON from the console API. Throws Problem. */
export function read<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return request<T>(address(path, params), { headers: { accept: "application/json" }, signal });
}

export type Method = "POST" | "PUT" | "DELETE";

/** A key under which one wish is done once, however often it is sent. */
export function wishKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes to the console API with the session's token. Throws Problem. */
export function write<T>(path: string, body: unknown = {}, method: Method = "POST", keepalive = false, once = ""): Promise<T> {
  return request<T>(path, {
    method,
    keepalive, // a decision made as the page is left still arrives
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "x-honeyguide-csrf": csrf,
      ...(once ? { "idempotency-key": once } : {}),
    },
    body: method === "DELETE" ? undefined : JSON.stringify(body),
  });
}

/** Asks for a file by a write, and saves it under the name the server gives it. Throws Problem. */
export async function fetchFile(path: string): Promise<void> {
  const answer = await fetch(path, { method: "POST", credentials: "same-origin", headers: { "x-honeyguide-csrf": csrf } });
  if (!answer.ok) throw new Problem(answer.status, (await answer.json().catch(() => ({}))) as Record<string, unknown>, answer.headers.get("x-request-id") ?? "");
  const link = URL.createObjectURL(await answer.blob());
  const anchor = document.createElement("a");
  anchor.href = link;
  anchor.download = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "payout";
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(link), 10_000);
}
