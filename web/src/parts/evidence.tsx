import type { Proof } from "../api/brain";
import { ago, moment, words } from "../format";
import { useNow } from "./hooks";
import { Icon, type IconName } from "./icons";
import { Badge, type Tone } from "./ui";
import css from "./evidence.module.css";

const KINDS: Record<string, { icon: IconName; tone: Tone; means: string }> = {
  rule: { icon: "ruler", tone: "plain", means: "A rule over structured facts" },
  statistic: { icon: "sigma", tone: "info", means: "A statistic over many events" },
  model: { icon: "bot", tone: "violet", means: "A model's reading, held to a verbatim quote" },
  prior: { icon: "scroll-text", tone: "plain", means: "A prior of the playbook, not learned from your data" },
  person: { icon: "user", tone: "good", means: "A person of this workspace" },
  policy: { icon: "shield-check", tone: "honey", means: "A guardrail or policy of this workspace" },
};

/** What kind of thing said so: the part of the inferrer's name before the colon. */
export function inferrerKind(inferrer: string): string {
  const head = inferrer.split(/[:@/.]/)[0]?.toLowerCase() ?? "";
  if (head in KINDS) return head;
  if (head.endsWith("-prior") || head === "playbook") return "prior";
  if (head === "stat" || head === "statistics") return "statistic";
  return ["llm", "head", "heads", "cascade", "embedding", "local", "hosted"].includes(head) ? "model" : "rule";
}

/** Rule, statistic or model, with its confidence unless a rule is simply certain. */
export function InferrerBadge({ inferrer, confidence }: { inferrer: string; confidence: number }) {
  const kind = inferrerKind(inferrer);
  const known = KINDS[kind];
  return (
    <Badge tone={known?.tone} icon={known?.icon} title={`${known?.means ?? kind} (${inferrer}), confidence ${confidence.toFixed(2)}`}>
      {kind} {confidence.toFixed(2)}
    </Badge>
  );
}

/** One piece of evidence in full: the words, the record they stand in, who read them, when. */
export function EvidenceCard({ evidence, children }: { evidence: Proof; children?: React.ReactNode }) {
  const now = useNow(60_000);
  return (
    <div className={css.card}>
      {evidence.quote && (
        <blockquote className={css.quote}>
          <Icon name="quote" size={13} />
          <span>{evidence.quote}</span>
        </blockquote>
      )}
      <dl className={css.facts}>
        <dt>Record</dt>
        <dd>{evidence.record || "Not named"}</dd>
        <dt>Source</dt>
        <dd>{words(evidence.source)}</dd>
        <dt>Read by</dt>
        <dd className="row wrap">
          <InferrerBadge inferrer={evidence.inferrer} confidence={evidence.confidence} />
          <span className="mono tiny muted">{evidence.inferrer}</span>
        </dd>
        {evidence.at && (
          <>
            <dt>When</dt>
            <dd><time dateTime={evidence.at}>{moment(evidence.at)}</time> <span className="muted">({ago(evidence.at, now)})</span></dd>
          </>
        )}
        {evidence.event_id && (
          <>
            <dt>Raw event</dt>
            <dd className="mono tiny">{evidence.event_id}</dd>
          </>
        )}
      </dl>
      {children}
    </div>
  );
}
