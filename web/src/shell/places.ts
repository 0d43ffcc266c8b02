import type { IconName } from "../parts/icons";

export type Place = { to: string; name: string; icon: IconName; key: string; phone?: boolean };

/** Where one can go; `key` follows g. */
export const PLACES: Place[] = [
  { to: "/", name: "Ask now", icon: "sparkles", key: "a", phone: true },
  { to: "/people", name: "People", icon: "users", key: "p", phone: true },
  { to: "/outbox", name: "Outbox", icon: "send", key: "o" },
  { to: "/referrals", name: "Referrals", icon: "gift", key: "r", phone: true },
  { to: "/payouts", name: "Payouts", icon: "wallet", key: "y", phone: true },
  { to: "/programs", name: "Programs", icon: "handshake", key: "m" },
  { to: "/lift", name: "Lift", icon: "flask-conical", key: "l" },
  { to: "/sources", name: "Sources", icon: "plug", key: "s" },
  { to: "/audit", name: "Audit", icon: "shield-check", key: "u" },
];

export const isAt = (to: string, path: string): boolean => (to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`));
