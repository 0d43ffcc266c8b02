import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useMoments } from "../../api/brainQueries";
import { write } from "../../api/client";
import type { Persona } from "../../api/contract";
import { ago, day, left, percent, words } from "../../format";
import { EvidenceCard } from "../../parts/evidence";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import { toast, toastProblem } from "../../parts/toast";
import { Badge, MOMENTS, MomentMark, toneOf } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./persona.module.css";

/** What may be wrong with a moment, in the words the detectors learn from. */
const WRONG: Record<string, string> = { wrong_moment: "This was no good moment", bad_timing: "Good moment, bad timing", wrong_person: "Wrong person", already_asked: "Already asked elsewhere", relationship: "The relationship is delicate" };

/** Delight as it was seen, with the records that show it. */
export function Moments({ moments, persona }: { moments: Persona["moments"]; persona: string }) {
  const [open, setOpen] = useState<string | null>(null);
  const said = new Map(useMoments({ persona, limit: "200" }).data?.pages.flatMap((page) => page.rows).map((row) => [row.id, row]));
  const now = useNow(60_000);
  if (moments.length === 0) return <p className="small muted">No moment of delight has been seen.</p>;
  return (
    <ul className={css.list}>
      {moments.map((moment) => {
        const rest = left(moment.window_ends_at, now);
        return (
          <li key={moment.id}>
            <button className={css.line} aria-expanded={open === moment.id} onClick={() => setOpen(open === moment.id ? null : moment.id)}>
              <MomentMark kind={moment.kind} />
              <span className="grow">
                <span className="strong">{moment.title}</span>
                <span className={css.sub}>{MOMENTS[moment.kind]?.name ?? words(moment.kind)}, {ago(moment.occurred_at, now)}, strength {moment.strength.toFixed(2)}</span>
              </span>
              {said.get(moment.id)?.not_now && <Badge tone="warn">{WRONG[said.get(moment.id)?.not_now ?? ""] ?? "not now"}</Badge>}
              <Badge tone={rest.text === "closed" ? "plain" : "honey"}>{rest.text === "closed" ? "window closed" : `${rest.text} left`}</Badge>
              <span className={css.turn} data-open={open === moment.id}><Icon name="chevron-right" size={14} /></span>
            </button>
            {open === moment.id && (
              <div className={css.inside}>
                {moment.evidence.map((one, i) => <EvidenceCard key={`${one.event_id}-${i}`} evidence={one} />)}
                <Dispute id={moment.id} title={moment.title} />
                {moment.evidence.length === 0 && <p className="small muted">No evidence is attached.</p>}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** "That was none": a label from which the detectors learn; the last word counts. */
function Dispute({ id, title }: { id: string; title: string }) {
  const may = useKnownSession().may.includes("asks.decide");
  const client = useQueryClient();
  const say = useMutation({
    mutationFn: (reason: string) => write(`/api/moments/${id}/dispute`, { reason }),
    onSuccess: () => toast("good", "Kept: the detector learns from it", { detail: title }),
    onError: (failure) => toastProblem("It was not kept", failure),
    onSettled: () => { for (const name of ["moments", "moment-quality", "persona", "ask-now"]) void client.invalidateQueries({ queryKey: [name] }); },
  });
  if (!may) return null;
  return (
    <div>
      <SelfMenu
        label="What is wrong with it?" className="btn small" button="Not a good moment" disabled={say.isPending} onChoose={(reason) => say.mutate(reason)}
        choices={Object.entries(WRONG).map(([reason, label]) => ({ id: reason, label }))}
      />
    </div>
  );
}

/** What was decided, how likely it was, and why; holdout said plainly. */
export function Decisions({ decisions }: { decisions: Persona["decisions"] }) {
  if (decisions.length === 0) return <p className="small muted">Nothing has been decided about this person.</p>;
  return (
    <ul className={css.list}>
      {decisions.map((one) => (
        <li key={one.id} className={css.decision}>
          <div className="row">
            <span className="strong grow">{one.action_label || words(one.action)}</span>
            {one.arm === "holdout" && <Badge tone="info" title="Kept unasked on purpose, so that lift can be measured">Holdout</Badge>}
            {one.ask_state && <Badge tone={toneOf(one.ask_state)}>{words(one.ask_state)}</Badge>}
          </div>
          <p className="small">{one.reason}</p>
          <p className={css.sub}>{day(one.at)}, chosen with probability {percent(one.propensity)}</p>
        </li>
      ))}
    </ul>
  );
}
