import type { IconName } from "../parts/icons";

export type Place = { to: string; name: string; icon: IconName; key: string; phone?: boolean; under?: string; steady?: boolean; also?: string };

/** Where one can go; `also`: other words one may look for it by; `key` follows g; what lies under another place is drawn below it. */
export const PLACES: Place[] = [
  { to: "/", name: "Ask now", icon: "sparkles", key: "a", phone: true },
  { to: "/people", name: "People", icon: "users", key: "p", phone: true },
  { to: "/people/advocates", name: "Advocates", icon: "megaphone", key: "v", under: "/people", steady: true },
  { to: "/people/review", name: "Identity review", icon: "git-compare", key: "i", under: "/people" },
  { to: "/people/suppressions", name: "Suppressions", icon: "ban", key: "x", under: "/people" },
  { to: "/graph", name: "Graph", icon: "waypoints", key: "h" },
  { to: "/graph/segments", name: "Segments", icon: "layers", key: "t", under: "/graph" },
  { to: "/graph/review", name: "Reading review", icon: "book-open", key: "e", under: "/graph" },
  { to: "/graph/quality", name: "Reading quality", icon: "gauge", key: "q", under: "/graph" },
  { to: "/outbox", name: "Outbox", icon: "send", key: "o" },
  { to: "/referrals", name: "Referrals", icon: "gift", key: "r", phone: true },
  { to: "/referrals/credit", name: "Who gets the credit", icon: "route", key: "d", under: "/referrals" },
  { to: "/referrals/fraud", name: "Fraud review", icon: "eye", key: "f", under: "/referrals" },
  { to: "/payouts", name: "Money", icon: "wallet", key: "y", phone: true },
  { to: "/programs", name: "Programs", icon: "handshake", key: "m" },
  { to: "/programs/taking-part", name: "Taking part", icon: "inbox", key: "w", under: "/programs", also: "applications, acts, registered deals" },
  { to: "/playbooks", name: "Playbooks", icon: "book-text", key: "b" },
  { to: "/experiments", name: "Experiments", icon: "flask-conical", key: "l" },
  { to: "/autonomy", name: "Experts & autonomy", icon: "sliders", key: "c" },
  { to: "/sources", name: "Sources", icon: "plug", key: "s" },
  { to: "/audit", name: "Audit", icon: "shield-check", key: "u" },
];

const holds = (to: string, path: string): boolean => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`) || (to === "/people" && path.startsWith("/companies/")));

/** Whether a path belongs to a place and to no nearer one: /people/review is not /people. */
export const isAt = (to: string, path: string): boolean =>
  holds(to, path) && !PLACES.some((other) => other.to.length > to.length && other.to.startsWith(to) && holds(other.to, path));

/** The navigation stays short: what lies under a place is drawn while one is there, or while something waits in it. */
export const isShown = (place: Place, path: string, waits: boolean): boolean =>
  place.under === undefined || place.steady === true || waits || holds(place.under, path);
