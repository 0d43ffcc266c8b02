import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { levelOf, LEVELS, type AutonomyRow } from "../../api/brain";
import { Problem, write } from "../../api/client";
import { Box } from "../../parts/sheet";
import { toast, toastProblem } from "../../parts/toast";
import { useKnownSession } from "../../session";
import css from "./autonomy.module.css";
import { MissingList } from "./StepSheet";
import { useAgain } from "./Stop";

export type AskLevel = (row: AutonomyRow, level: number) => void;
const TOP = LEVELS.length - 1;

/** Five stops; those the evidence has not opened are shown shut, and say why when they are tried. */
export function LevelSlider({ row, onAsk, wide = false }: { row: AutonomyRow; onAsk: AskLevel; wide?: boolean }) {
  const may = useKnownSession().may.includes("autonomy.decide");
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState<number | null>(null);
  const latest = useRef({ row, onAsk });
  latest.current = { row, onAsk };
  // The browser's own "change": when the thumb is let go, or a key pressed; React's is every step of a drag.
  useEffect(() => {
    const element = input.current;
    const settle = () => {
      const wanted = Number(element?.value);
      setDraft(null);
      if (wanted !== latest.current.row.kept) latest.current.onAsk(latest.current.row, wanted);
    };
    element?.addEventListener("change", settle);
    return () => element?.removeEventListener("change", settle);
  }, []);
  const level = draft ?? row.kept;
  return (
    <span className={css.slider} data-wide={wide} data-locked={level > row.max_level_now && level > row.kept}>
      <span className={css.rail} aria-hidden>
        <span className={css.opened} style={{ width: `${(Math.max(row.max_level_now, row.kept) / TOP) * 100}%` }} />
        <span className={css.filled} style={{ width: `${(level / TOP) * 100}%` }} />
        {LEVELS.map((one, i) => <i key={one.name} style={{ left: `${(i / TOP) * 100}%` }} data-shut={i > row.max_level_now && i > row.kept} data-on={i <= level} />)}
      </span>
      <input
        ref={input} type="range" min={0} max={TOP} step={1} value={level} disabled={!may} onChange={(event) => setDraft(Number(event.target.value))}
        aria-label={`Level of ${row.title}`} aria-valuetext={`${level}, ${levelOf(level).name}: ${levelOf(level).short}${level > row.max_level_now && level > row.kept ? ", not open yet" : ""}`}
      />
      {wide && <span className={css.stops} aria-hidden>{LEVELS.map((one, i) => <span key={one.name} data-on={i === level}>{i} {one.name}</span>)}</span>}
    </span>
  );
}

/** Up needs a yes, and evidence; down is done at once. */
export function useLevels(): { ask: AskLevel; dialogs: ReactNode } {
  const again = useAgain();
  const [wanted, setWanted] = useState<{ row: AutonomyRow; level: number; refused?: Problem } | null>(null);
  const change = useMutation({
    mutationFn: ({ row, level }: { row: AutonomyRow; level: number }) => write(`/api/autonomy/${encodeURIComponent(row.step)}`, { level }, "PUT"),
    onSuccess: (_, { row, level }) => { setWanted(null); toast("good", `${row.title}: ${levelOf(level).short.toLowerCase()}`, { detail: `Level ${level}, in force now.` }); },
    onError: (failure, { row, level }) => {
      if (failure instanceof Problem && level > row.kept) setWanted({ row, level, refused: failure });
      else toastProblem(`${row.title} stays at level ${row.kept}`, failure);
    },
    onSettled: again,
  });
  const ask: AskLevel = (row, level) => {
    if (level < row.kept) change.mutate({ row, level });
    else setWanted({ row, level });
  };
  const shut = wanted && (wanted.refused !== undefined || wanted.level > wanted.row.max_level_now);
  const dialogs = wanted && (shut ? (
    <Box title={`Level ${wanted.level} is not open yet`} onClose={() => setWanted(null)} foot={<button className="btn primary" onClick={() => setWanted(null)}>Leave it at level {wanted.row.kept}</button>}>
      <p>“{wanted.row.title}” may {wanted.row.max_level_now > wanted.row.kept ? `rise to level ${wanted.row.max_level_now} at present` : `not rise above level ${wanted.row.kept} yet`}. {wanted.refused ? wanted.refused.detail || wanted.refused.title : "The evidence does not reach further."}</p>
      <h3>What is missing</h3>
      <MissingList row={wanted.row} />
    </Box>
  ) : (
    <Box
      title={`Let “${wanted.row.title}” rise to level ${wanted.level}?`} onClose={() => setWanted(null)}
      foot={<><button className="btn" onClick={() => setWanted(null)}>Leave it at level {wanted.row.kept}</button><button className="btn primary" disabled={change.isPending} onClick={() => change.mutate(wanted)}>Raise to level {wanted.level}</button></>}
    >
      <p>{levelOf(wanted.level).text}</p>
      <p className="small muted">It falls back by itself as soon as it does worse than before, or opt-outs, complaints or spending pass their limit.</p>
    </Box>
  ));
  return { ask, dialogs };
}
