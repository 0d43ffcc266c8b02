const numbers = new Intl.NumberFormat("en");

/** 12480 -> "12,480". */
export const count = (n: number): string => numbers.format(n);

/** 128400 -> "128K": for narrow places only, the full number stands in the title. */
export const shortCount = (n: number): string =>
  new Intl.NumberFormat("en", { notation: n >= 10_000 ? "compact" : "standard", maximumFractionDigits: 1 }).format(n);

/** Integer minor units -> "€1,500" or "€12.50". */
export function money(minor: number, currency: string): string {
  const format = (digits?: number) =>
    new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const digits = format().resolvedOptions().maximumFractionDigits ?? 2;
  const scale = 10 ** digits;
  const text = (minor % scale === 0 ? format(0) : format(digits)).format(Math.abs(minor) / scale);
  return minor < 0 ? `−${text}` : text;
}

/** Whole units where a fraction of one says nothing. */
export const roundMoney = (minor: number, currency: string): string => money(Math.abs(minor) >= 1000 ? Math.round(minor / 100) * 100 : Math.round(minor), currency);

/** 0.184 -> "18.4%". Small probabilities keep two meaningful digits. */
export function percent(share: number, digits?: number): string {
  const value = share * 100;
  const places = digits ?? (Math.abs(value) >= 10 || value === 0 ? 1 : Math.abs(value) >= 1 ? 1 : 2);
  return `${value.toFixed(places).replace(/\.0+$/, "").replace("-", "−")}%`;
}

/** +1.4 pp, with a true minus sign. */
export function points(share: number): string {
  const value = share * 100;
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)} pp`;
}

/** A signed contribution: +0.23, −0.06. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value > 0 ? "+" : "−"}${text}`;
}

const STEPS: [number, string][] = [[60, "s"], [60, "min"], [24, "h"], [Infinity, "d"]];

/** A length of time in its largest fitting unit: 42 s, 18 min, 20 h, 3 d. */
export function span(ms: number): string {
  let value = Math.max(0, ms) / 1000;
  for (const [size, unit] of STEPS) {
    if (value < size || size === Infinity) return `${Math.floor(value)} ${unit}`;
    value /= size;
  }
  return "";
}

/** "3 h ago", "just now", "in 2 d". */
export function ago(iso: string | null, now: number): string {
  if (!iso) return "never";
  const distance = now - Date.parse(iso);
  if (Math.abs(distance) < 5000) return "just now";
  return distance >= 0 ? `${span(distance)} ago` : `in ${span(-distance)}`;
}

/** Time left until a window closes. */
export function left(iso: string, now: number): { text: string; closing: boolean } {
  const rest = Date.parse(iso) - now;
  return rest <= 0 ? { text: "closed", closing: true } : { text: span(rest), closing: rest < 12 * 3_600_000 };
}

/** "23 Nov 2026, 12:04" in the reader's own time zone. */
export function moment(iso: string | null): string {
  if (!iso) return "never";
  return new Date(iso).toLocaleString("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

export const clock = (iso: string): string =>
  new Date(iso).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export const day = (iso: string): string =>
  new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });

const NAMES: Record<string, string> = {
  hubspot: "HubSpot", smb: "SMB", csv: "CSV", crm: "CRM", api: "API", email: "E-mail", inapp: "In-app", ms_teams: "MS Teams", paypal: "PayPal", manual: "By hand", sepa: "SEPA", nacha: "NACHA",
};

/** purchase_euphoria -> "Purchase euphoria"; names keep their spelling. */
export function words(slug: string): string {
  const name = NAMES[slug.toLowerCase()];
  if (name) return name;
  const text = slug.replace(/[_-]+/g, " ").replace(/\./g, " · ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const initials = (name: string): string =>
  name.split(/\s+/).filter(Boolean).map((part) => part.charAt(0)).slice(0, 2).join("").toUpperCase() || "?";

/** A score: of a hundred such people asked, how many are expected to share. */
export const scoreText = (score: number, largest = score): string => score.toFixed(largest < 20 ? 1 : 0);

export const scoreWords = (score: number, [low, high]: [number, number]): string =>
  `Of 100 such people asked, about ${scoreText(score, high)} are expected to share; 90% interval ${scoreText(low, high)} to ${scoreText(high)}`;
