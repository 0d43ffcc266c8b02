import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../api/client";
import type { Demo } from "../api/contract";
import { useDemo } from "../api/queries";
import { count } from "../format";
import { toastProblem } from "../parts/toast";
import { useContext } from "react";
import { SessionContext } from "../session";
import css from "./shell.module.css";

/** Events a minute. */
const PACES = [
  { pace: 0, name: "Pause" },
  { pace: 30, name: "30" },
  { pace: 120, name: "120" },
  { pace: 600, name: "600" },
];

/** How fast the demo company lives; only where the server runs the demo. */
export function DemoControl() {
  const session = useContext(SessionContext);
  const client = useQueryClient();
  const demo = useDemo(session?.demo ?? false).data;
  const setPace = useMutation({
    mutationFn: (pace: number) => write<Demo>("/api/demo", { pace }),
    onSuccess: (after) => client.setQueryData<Demo | null>(["demo"], (old) => (old ? { ...old, ...after } : old)),
    onError: (failure) => toastProblem("The demo's pace was not changed", failure),
  });
  if (!demo) return null;
  const share = demo.total > 0 ? demo.loaded / demo.total : 0;
  const pace = demo.running ? demo.pace : 0;
  return (
    <section className={css.demo} aria-label="Demo company">
      <div>
        <p className="strong">Demo company</p>
        <p className="tiny muted num">{demo.loaded >= demo.total ? `All ${count(demo.total)} events loaded` : `${count(demo.loaded)} of ${count(demo.total)} events`}</p>
      </div>
      <div className={css.bar} role="progressbar" aria-label="Demo events loaded" aria-valuemin={0} aria-valuemax={demo.total} aria-valuenow={demo.loaded}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className="tiny muted" aria-hidden>New events a minute</p>
      <div className={css.paces} role="radiogroup" aria-label="Pace of the demo, events a minute">
        {PACES.map((one) => (
          <button key={one.pace} role="radio" aria-checked={one.pace === pace} disabled={!session?.may.includes("demo.control")} onClick={() => setPace.mutate(one.pace)}>{one.name}</button>
        ))}
      </div>
    </section>
  );
}
