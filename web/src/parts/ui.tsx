import type { ReactNode } from "react";

import { initials } from "../format";
import { Icon, type IconName } from "./icons";
import css from "./ui.module.css";

export type Tone = "plain" | "good" | "bad" | "warn" | "info" | "honey" | "violet" | "teal";

export function Badge({ tone = "plain", icon, children, title }: {
  tone?: Tone; icon?: IconName; children: ReactNode; title?: string;
}) {
  return (
    <span className={css.badge} data-tone={tone} title={title}>
      {icon && <Icon name={icon} size={12} />}
      <span className="clip">{children}</span>
    </span>
  );
}

const hueOf = (text: string): number => {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + char.charCodeAt(0)) % 997;
  return hash % 6;
};

export function Avatar({ name, size = 30 }: { name: string; size?: number }) {
  return (
    <span className={css.avatar} data-hue={hueOf(name)} style={{ width: size, height: size, fontSize: size * 0.37 }} aria-hidden>
      {initials(name)}
    </span>
  );
}

const STATE_TONES: Record<string, Tone> = {
  suggested: "honey", approved: "info", sent: "good", declined: "plain", expired: "plain", blocked: "bad", queued: "info",
  failed: "bad", held: "warn", available: "info", in_payout: "violet", paid: "good", void: "plain", requested: "warn",
  exported: "violet", cancelled: "plain", signed_up: "info", qualified: "violet", won: "good", lost: "plain", rejected: "bad",
  live: "good", draft: "plain", paused: "warn", ended: "plain", open: "warn", retried: "info", dropped: "plain",
  pending: "plain", review: "warn", payable: "info", reversed: "plain", capped: "plain", available_soon: "plain", disputed: "warn", unknown: "warn", refused: "bad", tied: "good", differs: "bad",
  ok: "good", done: "good", waiting: "plain", late: "warn", failing: "bad", needs_auth: "warn", running: "info", accepted: "good",
};
export const toneOf = (state: string): Tone => STATE_TONES[state] ?? "plain";

export const MOMENTS: Record<string, { icon: IconName; tone: Tone; name: string }> = {
  support_success: { icon: "life-buoy", tone: "teal", name: "Support success" },
  product_milestone: { icon: "rocket", tone: "violet", name: "Product milestone" },
  purchase_euphoria: { icon: "party-popper", tone: "good", name: "Purchase euphoria" },
  renewal: { icon: "repeat", tone: "info", name: "Renewal" },
  praise: { icon: "message-circle", tone: "honey", name: "Praise" },
  survey_promoter: { icon: "smile", tone: "good", name: "Survey promoter" },
  usage_spike: { icon: "trending-up", tone: "violet", name: "Usage spike" },
  anniversary: { icon: "calendar", tone: "teal", name: "Anniversary" },
  job_change: { icon: "briefcase", tone: "info", name: "Champion's new job" },
};

export function MomentMark({ kind, size = 26 }: { kind: string; size?: number }) {
  const known = MOMENTS[kind];
  return (
    <span className={css.mark} data-tone={known?.tone ?? "honey"} style={{ width: size, height: size }}>
      <Icon name={known?.icon ?? "sparkles"} size={Math.round(size * 0.56)} />
    </span>
  );
}

/** One number with its name, and always the words that say how sure it is. */
export function Figure({ name, value, note, tone, className = "" }: {
  name: string; value: ReactNode; note?: ReactNode; tone?: Tone; className?: string;
}) {
  return (
    <div className={`${css.figure} ${className}`}>
      <dt>{name}</dt>
      <dd className="num">
        <strong data-tone={tone}>{value}</strong>
        {note && <span>{note}</span>}
      </dd>
    </div>
  );
}

/** A name with its value, for details. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function PageHead({ title, note, children }: { title: ReactNode; note?: ReactNode; children?: ReactNode }) {
  return (
    <header className={css.head}>
      <h1>{title}</h1>
      {note && <p className={css.headNote}>{note}</p>}
      {children && <div className={css.headTools}>{children}</div>}
    </header>
  );
}

/** A page that scrolls: keyboards can too. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return <div className={css.scroll} role="region" aria-label={label} tabIndex={0}>{children}</div>;
}

export function SearchField({ value, onChange, label, id, wide }: {
  value: string; onChange: (text: string) => void; label: string; id?: string; wide?: boolean;
}) {
  return (
    <label className={css.search} data-wide={wide}>
      <Icon name="search" size={14} />
      <span className="sr">{label}</span>
      <input
        id={id}
        type="search"
        className="field"
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            onChange("");
            event.currentTarget.blur();
          }
        }}
      />
    </label>
  );
}
