import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../api/client";
import type { Demo } from "../api/contract";
import { useDemo } from "../api/queries";
import { count } from "../format";
import { toastProblem } from "../parts/toast";
import { useContext } from "react";
import { SessionContext } from "../session";
import css from "./shell.module.css";

const PACES = [
  { pace: 0, name: "Pause" },
  { pace: 1, name: "1×" },
  { pace: 5, name: "5×" },
  { pace: 20, name: "20×" },
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
      <div className="row">
        <span className="strong grow">Demo company</span>
        <span className="tiny muted num">{demo.loaded >= demo.total ? `${count(demo.total)} events` : `${count(demo.loaded)} of ${count(demo.total)}`}</span>
      </div>
      <div className={css.bar} role="progressbar" aria-label="Demo events loaded" aria-valuemin={0} aria-valuemax={demo.total} aria-valuenow={demo.loaded}>
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className={css.paces} role="radiogroup" aria-label="Pace of the demo">
        {PACES.map((one) => (
          <button key={one.pace} role="radio" aria-checked={one.pace === pace} onClick={() => setPace.mutate(one.pace)}>{one.name}</button>
        ))}
      </div>
    </section>
  );
}
