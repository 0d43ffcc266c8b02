import { useState, type FormEvent } from "react";

import { Problem } from "../../../api/client";
import { useSources } from "../../../api/queries";
import type { ReplayDetail } from "../../../api/replays";
import { Box } from "../../../parts/sheet";
import { setParams } from "../../../router";
import { Note } from "../events";
import { useReplayStart } from "./start";

const asTime = (day: string, end = false): string => `${day}T${end ? "23:59:59" : "00:00:00"}Z`;

/** What a trial reads again: one source or all, since when and until when. */
export function StartBox({ source, onClose }: { source: string; onClose: () => void }) {
  const sources = useSources().data?.rows.filter((one) => one.kind !== "internal") ?? [];
  const [chosen, setChosen] = useState(source);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const start = useReplayStart();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(
      { dry_run: true, ...(chosen ? { source: chosen } : {}), ...(from ? { from: asTime(from) } : {}), ...(to ? { to: asTime(to, true) } : {}) },
      { onSuccess: (run: ReplayDetail) => { onClose(); setParams({ new: null, source: null, id: run.id }); } },
    );
  };
  const problem = start.error instanceof Problem ? start.error : null;
  return (
    <Box title="Try a replay" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" form="replay" disabled={start.isPending}>{start.isPending ? "Starting" : "Start the trial"}</button></>}>
      <form id="replay" onSubmit={submit} className="stack" style={{ gap: 14 }}>
        <p className="small muted">It works on a copy beside the real thing. A year of events takes some minutes; you can leave the page.</p>
        <label><span className="label">What is read again</span><select className="field" value={chosen} onChange={(event) => setChosen(event.target.value)}><option value="">Every source</option>{chosen && !sources.some((one) => one.id === chosen) && <option value={chosen}>This source</option>}{sources.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label>
        <div className="row wrap" style={{ gap: 14 }}>
          <label className="grow"><span className="label">Arrived since</span><input className="field" type="date" value={from} max={to || undefined} onChange={(event) => setFrom(event.target.value)} /></label>
          <label className="grow"><span className="label">Until</span><input className="field" type="date" value={to} min={from || undefined} onChange={(event) => setTo(event.target.value)} /></label>
        </div>
        <p className="small muted">Without dates it reads everything that is stored.</p>
        {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
      </form>
    </Box>
  );
}
