import type { ReactNode } from "react";

import type { Canonical, Spoken } from "../../api/sources";
import { moment, money, words } from "../../format";
import { Icon, type IconName } from "../../parts/icons";
import { Badge, type Tone } from "../../parts/ui";
import css from "./events.module.css";

const KINDS: [RegExp, IconName, Tone][] = [
  [/^ticket|^conversation/, "life-buoy", "teal"], [/^deal/, "handshake", "honey"], [/^subscription|^invoice|^purchase|^charge|^refund/, "credit-card", "good"],
  [/^feature|^usage|^trial/, "rocket", "violet"], [/^survey/, "message-square", "info"], [/^consent/, "shield-check", "info"],
  [/^persona|^signup/, "user", "plain"], [/^company/, "building-2", "plain"], [/^records|^identity/, "git-merge", "plain"], [/^custom/, "box", "plain"],
];

/** A canonical kind with its colour, in its own spelling: it is a name one can look up. */
export function KindBadge({ kind }: { kind: string }) {
  const [, icon, tone] = KINDS.find(([pattern]) => pattern.test(kind)) ?? [null, "box" as const, "plain" as const];
  return <Badge tone={tone} icon={icon}>{kind}</Badge>;
}

/** How an event names a person or a company. */
export function spoken(who: Spoken | undefined): string {
  if (!who) return "";
  if (typeof who === "string") return who;
  const traits = who.traits ?? {};
  const name = typeof traits.name === "string" ? traits.name : "";
  const sign = who.identifiers?.find((one) => one.ns === "email" || one.ns === "domain")?.value ?? [traits.email, traits.domain].find((one) => typeof one === "string") ?? "";
  const id = who.ext_id ? (who.ext_id.includes(":") ? who.ext_id.slice(who.ext_id.indexOf(":") + 1) : who.ext_id) : "";
  return [name, sign, name && sign ? "" : id].filter(Boolean).join(", ");
}

const valueText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value)) ?? "";

/** What an event says of a person or company beside the name and the address. */
function told(who: Spoken | undefined): [string, unknown][] {
  if (!who || typeof who === "string") return [];
  return Object.entries(who.traits ?? {}).filter(([name, value]) => !["name", "email", "domain"].includes(name) && value !== null && value !== "");
}

/** Minor units with their currency read as money; everything else stands as it is. */
function readable(name: string, value: unknown, all: Record<string, unknown>): string {
  const currency = all.currency;
  if (!name.endsWith("_minor") || typeof value !== "number" || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) return valueText(value);
  return `${valueText(value)} (${money(value, currency)})`;
}

/** One event in our vocabulary, as it was read from what a system sent. */
export function EventCard({ event }: { event: Canonical }) {
  const props = [...Object.entries(event.props ?? {}).filter(([, value]) => value !== null && value !== ""), ...told(event.person), ...told(event.company)];
  const person = spoken(event.person);
  const company = spoken(event.company);
  return (
    <div className={css.event}>
      <div className={css.top}>
        <KindBadge kind={event.kind} />
        {event.name && event.name !== event.kind && <span className="small strong clip">{event.name}</span>}
      </div>
      <dl className={css.facts}>
        {person && <><dt>Person</dt><dd>{person}</dd></>}
        {company && <><dt>Company</dt><dd>{company}</dd></>}
        {event.ref && <><dt>Record</dt><dd>{event.ref}</dd></>}
        {event.at && <><dt>Happened</dt><dd className="num">{moment(event.at)}</dd></>}
        {!person && !company && <><dt>About</dt><dd className="muted">No person or company is named</dd></>}
      </dl>
      {props.length > 0 && (
        <dl className={css.props}>
          {props.slice(0, 14).map(([name, value], i) => <Prop key={`${name}-${i}`} name={name} text={readable(name, value, event.props ?? {})} />)}
          {props.length > 14 && <><dt>…</dt><dd className="muted">{props.length - 14} more</dd></>}
        </dl>
      )}
    </div>
  );
}

function Prop({ name, text }: { name: string; text: string }) {
  return <><dt>{name}</dt><dd>{text}</dd></>;
}

export function EventList({ events, problem }: { events: Canonical[]; problem?: string | null }) {
  return (
    <div className={css.list}>
      {problem && <Note tone="bad" title="It could not be read">{problem}</Note>}
      {events.map((event, i) => <EventCard key={`${event.kind}-${event.ref}-${i}`} event={event} />)}
      {events.length === 0 && !problem && <Note tone="plain" title="No event">It is kept in the log as it came, and nothing else follows from it. That is right for records that only confirm what is known.</Note>}
    </div>
  );
}

/** What came on the left, what it became on the right. */
export function Pair({ left, right }: { left: ReactNode; right: ReactNode }) {
  return (
    <div className={css.pair}>
      {left}
      <span className={css.arrow} aria-label="becomes" role="img"><Icon name="arrow-right" size={16} /></span>
      {right}
    </div>
  );
}

/** What happened, why, and what to do, in one quiet strip. */
export function Note({ tone, title, children, icon }: { tone: "warn" | "bad" | "plain" | "good"; title: string; children?: ReactNode; icon?: IconName }) {
  const known: IconName = icon ?? (tone === "good" ? "circle-check" : tone === "plain" ? "info" : "triangle-alert");
  return (
    <div className={css.note} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={known} size={15} />
      <div className="grow"><b>{title}</b>{children && <> <span>{children}</span></>}</div>
    </div>
  );
}

/** The kinds a row became, in a line. */
export function Kinds({ events }: { events: Canonical[] }) {
  if (events.length === 0) return <span className="small muted">no event</span>;
  const first = events.slice(0, 2);
  return (
    <span className="row" style={{ gap: 5 }}>
      {first.map((event, i) => <KindBadge key={`${event.kind}-${i}`} kind={event.kind} />)}
      {events.length > 2 && <span className="tiny muted">+{events.length - 2}</span>}
    </span>
  );
}

export function streamName(name: string): string {
  const archived = /^(.+)_archived$/.exec(name);
  if (archived) return `Archived ${words(archived[1]!).toLowerCase()}`;
  const older = /^(.+?)(_recent)?_v(\d+)$/.exec(name);
  return older ? `${words(older[1]!)}${older[2] ? ", what changed" : ""} (older API, v${older[3]})` : words(name);
}
