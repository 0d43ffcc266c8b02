import { useState, type ReactNode } from "react";

import { SEGMENTS, STAGES, type Proof } from "../../api/brain";
import type { AnswerTold } from "../../api/answers";
import type { QueueRow } from "../../api/contract";
import { useAnswer } from "../../api/queries";
import { left, scoreText, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { useNow } from "../../parts/hooks";
import { Icon, type IconName } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import css from "./detail.module.css";
import { stop, wayWords, whenWords, whyWords } from "./inWords";

function Line({ icon, name, children }: { icon: IconName; name: string; children: ReactNode }) {
  return (
    <div className={css.answerLine}>
      <dt><Icon name={icon} size={14} />{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const named = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? words(key);

/** Who, why, what and when, in words one could repeat to one's boss. What the list knows is shown until the server has told all. */
export function Answer({ row }: { row: QueueRow }) {
  const now = useNow(30_000);
  const told = useAnswer(row.id).data;
  const { persona, company } = row;
  const [low, high] = row.interval;
  const stage = told?.stage ?? row.stage;
  const segment = told?.segment ?? company?.segment;
  const rest = left(row.moment.window_ends_at, now);
  return (
    <dl className={css.answer}>
      <Line icon="user" name="Who">
        <p><b>{persona.name}</b>{persona.title && `, ${persona.title}`}{company && ` at ${company.name}`}{stop(company?.name ?? persona.title)}</p>
        {(stage || segment) && <p className={css.tags}>{stage && <Badge>{named(STAGES, stage)}</Badge>}{segment && <Badge>{named(SEGMENTS, segment)}</Badge>}</p>}
      </Line>
      <Line icon="sparkles" name="Why">
        {told && told.why.length > 0 ? <Reasons why={told.why} /> : <p>{whyWords(row, now)}</p>}
        <p className="small muted">Of 100 such people asked, {scoreText(low, high)} to {scoreText(high)} are expected to share.</p>
      </Line>
      <Line icon="gift" name="What">
        <p><b>{row.offer.label}</b>, {wayWords(row)}.</p>
        {told?.what?.because && <p className="small muted">{told.what.because}</p>}
      </Line>
      <Line icon="clock" name="When">
        {told?.when ? <><p>{told.when.at === "now" ? `Now${rest.text === "closed" ? "" : `, within ${rest.text}`}.` : "Not yet."}</p><p className="small muted">{told.when.because}</p></> : <p>{whenWords(row, now)}</p>}
      </Line>
    </dl>
  );
}

/** Each reason is a sentence, and opens the record that shows it. */
function Reasons({ why }: { why: AnswerTold["why"] }) {
  const [open, setOpen] = useState<Proof | null>(null);
  return (
    <ul className={css.reasons}>
      {why.map(({ sentence, evidence }) => (
        <li key={sentence}>
          <p>
            {sentence}
            {evidence && <button className={css.shows} aria-expanded={open === evidence} title="What shows it" aria-label={`What shows it: ${sentence}`} onClick={() => setOpen(open === evidence ? null : evidence)}><Icon name="quote" size={12} /></button>}
          </p>
          {open === evidence && evidence && <EvidenceCard evidence={evidence} />}
        </li>
      ))}
    </ul>
  );
}
