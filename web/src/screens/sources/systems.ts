import type { Connector, SourceRow } from "../../api/sources";
import { ago, words } from "../../format";
import type { IconName } from "../../parts/icons";
import type { Tone } from "../../parts/ui";

export type Group = "crm" | "helpdesk" | "billing" | "product" | "engagement" | "webhooks" | "files" | "database" | "mcp" | "api" | "more";

/** In the order they are shown; each says what it is good for. */
export const GROUPS: { key: Group; name: string; about: string; icon: IconName }[] = [
  { key: "crm", name: "CRM", about: "People, companies and deals", icon: "contact" },
  { key: "helpdesk", name: "Helpdesk", about: "Tickets and how they were rated", icon: "headset" },
  { key: "billing", name: "Billing", about: "Customers, subscriptions and payments", icon: "credit-card" },
  { key: "product", name: "Product", about: "What people do in your product", icon: "mouse-pointer-click" },
  { key: "engagement", name: "Messages and surveys", about: "What people opened, clicked and answered", icon: "mail" },
  { key: "webhooks", name: "Webhooks", about: "Any system that can call an address", icon: "webhook" },
  { key: "files", name: "Files", about: "CSV, JSON lines and Parquet", icon: "upload" },
  { key: "database", name: "Database", about: "A read-only query that is asked again and again", icon: "database" },
  { key: "mcp", name: "MCP", about: "Tools of an MCP server", icon: "bot" },
  { key: "api", name: "HTTP API", about: "From your own code", icon: "code" },
  { key: "more", name: "More systems", about: "Connectors of this workspace", icon: "plug" },
];

/** The groups a definition names, where ours are called otherwise. */
const CALLED: Record<string, Group> = { support: "helpdesk", commerce: "billing", feedback: "engagement", marketing: "engagement", identity: "product", work: "more", other: "more", sql: "database", files: "files", file: "files" };

/** The group of a connector: what its definition says, else what its name suggests. */
export function groupIn(connector: Connector): Group {
  const named = CALLED[connector.group] ?? GROUPS.find((group) => group.key === connector.group)?.key;
  return named && named !== "more" ? named : groupOf(connector.connector);
}

const BELONGS: [RegExp, Group][] = [
  [/hubspot|salesforce|pipedrive|dynamics|attio|close|monday/, "crm"],
  [/zendesk|intercom|freshdesk|helpscout|front|gorgias|olark|pagerduty|signl4/, "helpdesk"],
  [/customer\.?io|braze|iterable|mailjet|mailmodo|moengage|ortto|satismeter|refiner|formsort|typeform|slack|delighted/, "engagement"],
  [/stripe|shopify|chargebee|recurly|paddle|braintree|revenuecat/, "billing"],
  [/posthog|segment|amplitude|mixpanel|pendo|heap|hull|product|auth0|appsflyer|adjust|canny/, "product"],
  [/^mcp|[-_]mcp$/, "mcp"],
  [/sql|postgres|mysql|database|warehouse|snowflake|bigquery/, "database"],
  [/^files?$|import|csv|jsonl|parquet|upload/, "files"],
  [/webhook|github|standard/, "webhooks"],
  [/http|cloudevents|^api/, "api"],
];

/** Where a kind of system stands among the others. */
export function groupOf(kind: string): Group {
  return BELONGS.find(([pattern]) => pattern.test(kind.toLowerCase()))?.[1] ?? "more";
}
export const iconOf = (kind: string): IconName => GROUPS.find((group) => group.key === groupOf(kind))?.icon ?? "plug";

const NAMES: Record<string, string> = {
  posthog: "PostHog", mcp: "MCP server", sql: "SQL database", import: "File", files: "Files", github: "GitHub", "standard-webhooks": "Standard Webhooks",
  "segment-webhook": "Segment webhook", segment: "Segment API", webhook: "Webhook", internal: "Honeyguide itself", cloudevents: "CloudEvents",
};
export const systemName = (kind: string, known?: Connector[]): string =>
  known?.find((one) => one.connector === kind)?.label ?? NAMES[kind] ?? words(kind);

/** Systems that send to us by themselves: a name is enough, the key is ours. */
export type PushSystem = { kind: string; label: string; about: string; group: Group; secret?: string };
export const PUSH: PushSystem[] = [
  { kind: "segment", label: "Your own code", about: "One call per event, in the form of the Segment API. Any Segment library works.", group: "api" },
  { kind: "segment-webhook", label: "Segment", about: "A webhook destination in Segment forwards what your product tracks.", group: "product", secret: "Shared secret of the webhook destination" },
  { kind: "webhook", label: "Any webhook", about: "An address of its own that takes any JSON. Map it later from what arrives.", group: "webhooks", secret: "Signing secret, when the sender signs" },
  { kind: "standard-webhooks", label: "Standard Webhooks", about: "Svix, Clerk, Resend and others that sign by the Standard Webhooks rules.", group: "webhooks", secret: "Signing secret, begins with whsec_" },
  { kind: "github", label: "GitHub", about: "Issues, discussions and stars of your repositories.", group: "webhooks", secret: "Webhook secret" },
  { kind: "import", label: "CSV or JSON lines", about: "A file that is uploaded once, or again whenever there is a newer one.", group: "files" },
];

type Said = { tone: Tone; word: string; rest: string; why: string | null };

/** The state of a source as one would say it aloud. */
export function stateOf(row: SourceRow, now: number): Said {
  const last = row.last_event_at ? `last event ${ago(row.last_event_at, now)}` : "nothing has come yet";
  const reading = row.connection;
  if (reading?.state === "needs_auth") return { tone: "warn", word: "Signed out", rest: last, why: reading.problem || `Sign in again, so that it can be read.` };
  if (reading?.state === "failing") return { tone: "bad", word: "Failing", rest: last, why: [reading.problem, reading.advice].filter(Boolean).join(" ") || row.reason };
  if (reading?.state === "paused" || row.state === "paused") return { tone: "warn", word: "Paused", rest: last, why: null };
  switch (row.state) {
    case "waiting": return { tone: "info", word: "Waiting", rest: "for the first event", why: null };
    case "failing": return { tone: "bad", word: "Failing", rest: last, why: row.reason };
    case "late": return { tone: "warn", word: "Late", rest: last, why: row.reason };
    default: return { tone: "good", word: "OK", rest: last, why: null };
  }
}
export const isPaused = (row: SourceRow): boolean => row.state === "paused" || row.connection?.state === "paused";
const fails = (row: SourceRow): boolean => row.state === "failing" || row.connection?.state === "failing" || row.connection?.state === "needs_auth";

/** 41_200_000 -> "41 MB". */
export function bytes(n: number): string {
  const steps = ["B", "KB", "MB", "GB", "TB"];
  let value = n;
  let at = 0;
  while (value >= 1000 && at < steps.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${value >= 10 || at === 0 ? Math.round(value) : value.toFixed(1)} ${steps[at]}`;
}

/** Whether someone should look at it. */
export const needsCare = (row: SourceRow): boolean => fails(row) || row.state === "late" || row.open_letters > 0;
/** What fails first, then what is late, then by name. */
export const careFirst = (a: SourceRow, b: SourceRow): number => {
  const rank = (row: SourceRow) => (fails(row) ? 0 : row.state === "late" && !isPaused(row) ? 1 : 2);
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
};
