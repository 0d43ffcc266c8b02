import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { AutonomyRow } from "../../api/brain";
import { useAutonomyHistory } from "../../api/brainQueries";
import { write } from "../../api/client";
import { moment } from "../../format";
import { Icon } from "../../parts/icons";
import { Box } from "../../parts/sheet";
import { toast, toastProblem } from "../../parts/toast";
import { useKnownSession } from "../../session";
import css from "./autonomy.module.css";

/** Everything about autonomy is read again after a change. */
export function useAgain(): () => void {
  const client = useQueryClient();
  return () => { for (const name of ["autonomy", "autonomy-history", "ask-now", "ask", "audit"]) void client.invalidateQueries({ queryKey: [name] }); };
}

/** The kill switch: one button, one question, at once. */
export function StopControl({ stopped }: { stopped: boolean | null }) {
  const may = useKnownSession().may;
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState("");
  const again = useAgain();
  const change = useMutation({
    mutationFn: (on: boolean) => write("/api/autonomy/stop", { on, note: note.trim() }),
    onSuccess: (_, on) => { setAsking(false); setNote(""); toast(on ? "plain" : "good", on ? "Stopped: nothing goes out without a person" : "Autonomy may go on at the levels it had"); },
    onError: (failure) => toastProblem("Nothing was changed", failure),
    onSettled: again,
  });
  if (stopped === null || !may.includes("autonomy.decide")) return null;
  return (
    <>
      <button className={stopped ? "btn primary" : `btn ${css.stop}`} onClick={() => setAsking(true)}><Icon name={stopped ? "play" : "power"} size={15} />{stopped ? "Let it go on" : "Stop everything"}</button>
      {asking && (
        <Box
          title={stopped ? "Let the steps run alone again?" : "Stop everything that runs alone?"} onClose={() => setAsking(false)}
          foot={
            <>
              <button className="btn" onClick={() => setAsking(false)}>Cancel</button>
              <button className={stopped ? "btn primary" : `btn ${css.stopNow}`} disabled={change.isPending} onClick={() => change.mutate(!stopped)}>{stopped ? "Let it go on" : "Stop now"}</button>
            </>
          }
        >
          <p>{stopped ? "Every step goes back to the level it has earned. Those at level 0 still wait for a person." : "From this moment every ask waits for a person, in every playbook. The levels are kept, and you can let them go on at any time."}</p>
          <label>
            <span className="label">Why (kept in the history)</span>
            <textarea className="field" rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} autoFocus />
          </label>
        </Box>
      )}
    </>
  );
}

/** That everything is stopped, since when, by whom and why. */
export function StoppedBar() {
  const acts = useAutonomyHistory().data?.pages[0]?.rows;
  const last = acts?.find((act) => act.kind === "stop" && act.step === "");
  return (
    <p className={css.stopped} role="status">
      <Icon name="power" size={15} />
      <span><b>Everything is stopped.</b> Nothing goes out without a person{last && `, since ${moment(last.at)}, by ${last.actor}`}{last?.note ? `: ${last.note}` : "."}</span>
    </p>
  );
}

/** The same for one step. */
export function StopStep({ row }: { row: AutonomyRow }) {
  const may = useKnownSession().may.includes("autonomy.decide");
  const again = useAgain();
  const change = useMutation({
    mutationFn: (on: boolean) => write("/api/autonomy/stop", { on, step: row.step }),
    onSuccess: (_, on) => toast(on ? "plain" : "good", on ? `${row.title} is stopped` : `${row.title} may go on`),
    onError: (failure) => toastProblem("Nothing was changed", failure),
    onSettled: again,
  });
  if (!may || (row.kept === 0 && !row.stopped)) return null;
  return <button className={row.stopped ? "btn" : `btn ${css.stop}`} disabled={change.isPending} onClick={() => change.mutate(!row.stopped)}><Icon name={row.stopped ? "play" : "power"} size={14} />{row.stopped ? "Let this step go on" : "Stop this step"}</button>;
}
