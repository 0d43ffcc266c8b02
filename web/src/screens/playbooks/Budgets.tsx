import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useBudgets } from "../../api/brainQueries";
import { write } from "../../api/client";
import type { Budget } from "../../api/playbooks";
import { count, day, money } from "../../format";
import { Box } from "../../parts/sheet";
import { Failure } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { useKnownSession } from "../../session";
import css from "./playbooks.module.css";

const NAMES = { contacts: "Messages that ask", money: "Rewards" } as const;
const MEANS = {
  contacts: "Asks and reminders together. When more people are worth asking than this allows, those who promise most are asked. Nobody is ever written to more often than the contact budget allows.",
  money: "What asks may earn their advocates. When it runs short, asks with dear rewards are made less often. The program's funded budget stays the hard limit.",
} as const;

const scaleOf = (currency: string): number => 10 ** (new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2);
const amount = (budget: Budget, value: number): string => (budget.kind === "money" ? money(Math.round(value), budget.currency) : value % 1 === 0 ? count(value) : value.toFixed(1));

/** How much may be asked and given a day: what holds, what was spent, and what that means. */
export function Budgets() {
  const query = useBudgets();
  const [open, setOpen] = useState<Budget | null>(null);
  if (query.data === undefined) {
    return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <div className={css.budgets} aria-hidden><span className="bone" style={{ width: 240 }} /><span className="bone" style={{ width: 240 }} /></div>;
  }
  return (
    <section className={css.budgets} aria-label="How much to ask">
      {query.data.budgets.map((budget) => <One key={budget.kind} budget={budget} onChange={() => setOpen(budget)} />)}
      {open && <Change budget={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function One({ budget, onChange }: { budget: Budget; onChange: () => void }) {
  const may = useKnownSession().may.includes("playbooks.write");
  return (
    <div className={css.budget}>
      <p className={css.budgetHead}>
        <b>{NAMES[budget.kind]}</b>
        <span className="num">{budget.per_day === null ? "no limit" : `${amount(budget, budget.per_day)} a day`}</span>
        <span className="small muted">{budget.set_by && budget.set_at ? `set by ${budget.set_by}, ${day(budget.set_at)}` : budget.per_day === null ? "" : "the usual pace"}</span>
        {may && <button className="link small" aria-label={`Change: ${NAMES[budget.kind]}`} onClick={onChange}>Change</button>}
      </p>
      <p className="small muted">{amount(budget, budget.spent_today)} today, {amount(budget, budget.spent_30_days)} in 30 days. {budget.sentence}</p>
    </div>
  );
}

function Change({ budget, onClose }: { budget: Budget; onClose: () => void }) {
  const client = useQueryClient();
  const scale = budget.kind === "money" ? scaleOf(budget.currency) : 1;
  const [text, setText] = useState(budget.per_day === null ? "" : String(budget.per_day / scale));
  const wanted = Math.round(Number(text.replace(",", ".")) * scale * 100) / 100;
  const perDay = budget.kind === "money" ? Math.round(wanted) : wanted;
  const good = text.trim() !== "" && Number.isFinite(perDay) && perDay > 0 && perDay < 1e12;
  const change = useMutation({
    mutationFn: (value: number | null) => (value === null ? write<Budget>(`/api/budgets/${budget.kind}`, {}, "DELETE") : write<Budget>(`/api/budgets/${budget.kind}`, { per_day: value }, "PUT")),
    onSuccess: (made) => { onClose(); toast("good", made.per_day === null ? `${NAMES[made.kind]}: nothing limits them now` : `${NAMES[made.kind]}: ${amount(made, made.per_day)} a day`, { detail: "It weighs in from the next nightly training." }); },
    onError: (failure) => toastProblem("The budget stays as it was", failure),
    onSettled: () => { for (const name of ["budgets", "audit"]) void client.invalidateQueries({ queryKey: [name] }); },
  });
  return (
    <Box
      title={`${NAMES[budget.kind]} a day`} onClose={onClose}
      foot={
        <>
          {budget.set_by && <button className="btn" disabled={change.isPending} onClick={() => change.mutate(null)}>{budget.usual === null ? "Take the limit away" : `Back to the usual ${amount(budget, budget.usual)}`}</button>}
          <button className="btn" onClick={onClose}>Cancel</button>
          <button className="btn primary" disabled={!good || change.isPending} onClick={() => change.mutate(perDay)}>Set it</button>
        </>
      }
    >
      <p>{MEANS[budget.kind]}</p>
      <label>
        <span className="label">{budget.kind === "money" ? `Reward a day, in ${budget.currency}` : "Messages a day"}</span>
        <input className="field" inputMode="decimal" value={text} onChange={(event) => setText(event.target.value)} aria-invalid={text !== "" && !good} autoFocus />
      </label>
      {text !== "" && !good && <p className="small" role="alert">It has to be a number above 0.</p>}
    </Box>
  );
}
