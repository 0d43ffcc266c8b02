import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Problem, write } from "../../api/client";
import type { Playbook, StepShown } from "../../api/playbooks";
import { Box } from "../../parts/sheet";
import { toast } from "../../parts/toast";
import { setParams } from "../../router";
import type { Draft } from "./PlaybookScreen";
import css from "./playbooks.module.css";
import { changes } from "./sentences";

/** What has been changed and not kept yet: try it, keep it, or drop it. */
export function SaveBar({ playbook, draft, onDiscard }: { playbook: Playbook; draft: Draft; onDiscard: () => void }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState("");
  const differs = draft.steps.flatMap((step, i) => changes((playbook.all_steps[i] as StepShown).form, step).map((one) => ({ ...one, title: step.title })));
  const n = differs.length + (draft.goal === playbook.goal ? 0 : 1);
  const save = useMutation({
    mutationFn: () => write<Playbook>(`/api/playbooks/${playbook.slug}`, { version: playbook.version, goal: draft.goal, steps: draft.steps, note: note.trim() }, "PUT"),
    onSuccess: (made) => {
      setAsking(false);
      toast("good", `Version ${made.version} is in force`, { detail: "Asks decided from now on follow it. The version before is kept." });
      client.setQueryData(["playbook", playbook.slug], made);
      for (const name of ["playbooks", "playbook", "playbook-diff", "autonomy", "audit"]) void client.invalidateQueries({ queryKey: [name] });
    },
  });
  const refused = save.error instanceof Problem ? save.error : null;
  return (
    <div className={css.saveBar} role="region" aria-label="Changes not kept yet">
      <p className="grow"><b>{n} {n === 1 ? "sentence" : "sentences"} changed</b> <span className="muted">and not in force yet</span></p>
      <button className="btn" onClick={onDiscard}>Discard</button>
      <button className="btn" onClick={() => setParams({ tab: "dry-run" })}>Try it on the past</button>
      <button className="btn primary" onClick={() => { save.reset(); setAsking(true); }}>Put in force</button>
      {asking && (
        <Box
          title="Put the changes in force?" onClose={() => setAsking(false)}
          foot={<><button className="btn" onClick={() => setAsking(false)}>Not yet</button><button className="btn primary" disabled={save.isPending} onClick={() => save.mutate()}>Put in force</button></>}
        >
          <ul className={css.diff}>
            {draft.goal !== playbook.goal && <li><b>Goal</b><del>{playbook.goal}</del><ins>{draft.goal}</ins></li>}
            {differs.map((one) => <li key={`${one.title}/${one.field}`}><b>{one.title}</b><del>{one.was}</del><ins>{one.is}</ins></li>)}
          </ul>
          <label>
            <span className="label">Why (kept with the version)</span>
            <input className="field" value={note} maxLength={300} onChange={(event) => setNote(event.target.value)} />
          </label>
          {refused && <p className={css.refused} role="alert"><b>{refused.title}</b> {refused.detail} {refused.advice}</p>}
          {save.isError && !refused && <p className={css.refused} role="alert">{String(save.error)}</p>}
        </Box>
      )}
    </div>
  );
}
