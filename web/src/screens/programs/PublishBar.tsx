import { useState } from "react";

import { Problem } from "../../api/client";
import { useProgramDiff, usePublish } from "../../api/programQueries";
import type { ProgramDetail } from "../../api/programs";
import { clock } from "../../format";
import { Bones, Loaded } from "../../parts/states";
import { Box } from "../../parts/sheet";
import { toast } from "../../parts/toast";
import { setParams } from "../../router";
import type { Keeping } from "./autosave";
import css from "./builder.module.css";

/** The draft below the page: whether it is kept, and the two ways on. */
export function PublishBar({ program, keeping, flush, version, open, tab }: { program: ProgramDetail; keeping: Keeping; flush: () => Promise<number | null>; version: number | null; open: string[]; tab: string }) {
  const [asking, setAsking] = useState<number | null>(null);
  const ask = async () => { const kept = await flush(); if (kept !== null) setAsking(kept); };
  const problem = keeping.failure instanceof Problem ? keeping.failure : null;
  const said = keeping.state === "failed" ? (problem ? `${problem.title}. ${problem.detail} ${problem.advice}` : "The draft was not kept") : keeping.state === "typing" || keeping.state === "saving" ? "Keeping the draft" : keeping.at ? `Draft kept at ${clock(new Date(keeping.at).toISOString())}` : `Draft ${version ?? ""} is not in force`;
  return (
    <div className={css.bar} role="region" aria-label="Draft">
      <p className="grow small" role="status"><b className={keeping.state === "failed" ? "bad" : ""}>{said}</b>{keeping.state !== "failed" && <span className="muted">{program.version > 0 ? `. Version ${program.version} stays in force until you publish.` : ". Nothing is in force yet."}</span>}</p>
      {keeping.state === "failed" && <button className="btn" onClick={() => void flush()}>Try again</button>}
      {tab !== "simulate" && <button className="btn" onClick={() => setParams({ tab: "simulate" })}>Try it on the past</button>}
      <button className="btn primary" disabled={open.length > 0 || keeping.state === "failed"} title={open[0]} onClick={() => void ask()}>Publish</button>
      {asking !== null && <PublishBox program={program} version={asking} onClose={() => setAsking(null)} />}
    </div>
  );
}

function PublishBox({ program, version, onClose }: { program: ProgramDetail; version: number; onClose: () => void }) {
  const [note, setNote] = useState("");
  const publish = usePublish(program.slug);
  const diff = useProgramDiff(program.slug, program.version, version);
  const problem = publish.error instanceof Problem ? publish.error : null;
  const go = () => publish.mutate({ version, note: note.trim() }, {
    onSuccess: (done) => {
      onClose();
      if (done.state === "live") toast("good", `Version ${done.version} is in force`, { detail: "Referrals from now on follow it. What was promised before stays." });
      else toast("plain", "It waits for a second person", { detail: "It changes money, so somebody else confirms it, on this page." });
    },
  });
  return (
    <Box title="Publish these rules?" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Not yet</button><button className="btn primary" disabled={publish.isPending} onClick={go}>Publish</button></>}>
      <Loaded query={diff} bones={<Bones rows={2} />}>{({ sentences }) => <ul className={css.diff} aria-label="What changes">{sentences.length === 0 ? <li>Nothing differs from what is in force.</li> : sentences.map((one) => <li key={one}>{one}</li>)}</ul>}</Loaded>
      <p className="small muted">Where money changes, a second person has to confirm. Rewards already promised are not touched.</p>
      <label><span className="label">Why (kept with the version)</span><input className="field" value={note} maxLength={300} onChange={(event) => setNote(event.target.value)} /></label>
      {publish.isError && <p className={css.refused} role="alert">{problem ? <><b>{problem.title}</b> {problem.detail} {problem.advice}</> : String(publish.error)}</p>}
    </Box>
  );
}
