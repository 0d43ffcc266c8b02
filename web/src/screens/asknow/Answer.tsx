import type { ReactNode } from "react";

import { SEGMENTS, STAGES } from "../../api/brain";
import type { QueueRow } from "../../api/contract";
import { scoreText, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon, type IconName } from "../../parts/icons";
import { Badge } from "../../parts/ui";
import { wayWords, whenWords, whyWords } from "./inWords";
import css from "./detail.module.css";

function Line({ icon, name, children }: { icon: IconName; name: string; children: ReactNode }) {
  return (
    <div className={css.answerLine}>
      <dt><Icon name={icon} size={14} />{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const named = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? words(key);

/** Who, why, what and when, in words one could repeat to one's boss. */
export function Answer({ row }: { row: QueueRow }) {
  const now = useNow(30_000);
  const { persona, company } = row;
  const [low, high] = row.interval;
  return (
    <dl className={css.answer}>
      <Line icon="user" name="Who">
        <p><b>{persona.name}</b>{persona.title && `, ${persona.title}`}{company && ` at ${company.name}`}.</p>
        {(row.stage || company?.segment) && <p className={css.tags}>{row.stage && <Badge tone="honey">{named(STAGES, row.stage)}</Badge>}{company?.segment && <Badge>{named(SEGMENTS, company.segment)}</Badge>}</p>}
      </Line>
      <Line icon="sparkles" name="Why">
        <p>{whyWords(row, now)}</p>
        <p className="small muted">Of 100 such people asked, {scoreText(low, high)} to {scoreText(high)} are expected to share.</p>
      </Line>
      <Line icon="gift" name="What">
        <p><b>{row.offer.label}</b>, {wayWords(row)}.</p>
        {row.what_because && <p className="small muted">{row.what_because}</p>}
      </Line>
      <Line icon="clock" name="When"><p>{whenWords(row, now)}</p></Line>
    </dl>
  );
}
