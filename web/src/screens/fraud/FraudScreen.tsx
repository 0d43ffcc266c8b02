import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { write } from "../../api/client";
import { VERDICTS, type FraudRow, type Verdict } from "../../api/fraud";
import { useFraudCases } from "../../api/fraudQueries";
import { count, money } from "../../format";
import { ExportCsv, Filter } from "../../parts/filters";
import { useGrace } from "../../parts/grace";
import { useIsNarrow, useKeys } from "../../parts/hooks";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { toast, toastProblem } from "../../parts/toast";
import { PageHead } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { CasePane } from "./CasePane";
import css from "./fraud.module.css";
import { PolicyTab } from "./PolicyTab";
import { Queue } from "./Queue";
import { friendOf, SHAPES, STATES, USUAL } from "./words";

type TabKey = "open" | "unsure" | "fraud" | "honest" | "rules";
const TABS: { key: TabKey; label: string }[] = [{ key: "open", label: "To decide" }, { key: "unsure", label: "Not sure" }, { key: "fraud", label: "Fraud" }, { key: "honest", label: "Honest" }, { key: "rules", label: "Rules" }];
const TOUCHED = ["fraud-cases", "fraud-case", "referrals", "rewards", "overview", "ledger", "audit"];

/** Referrals that look wrong, those first that could cost most: a person says what they are. */
export default function FraudScreen() {
  const { params } = useAddress();
  const tab = TABS.find((one) => one.key === params.get("state"))?.key ?? "open";
  const shape = params.get("shape") ?? "";
  return (
    <>
      <PageHead title="Fraud review">
        <Tabs<TabKey> label="Fraud review" kind="pill" value={tab} tabs={TABS} onChange={(key) => setParams({ state: key === "open" ? null : key, id: null })} />
        {tab !== "rules" && <Filter label="Shape" every="Every shape" value={shape} choices={Object.fromEntries(Object.entries(SHAPES).map(([id, one]) => [id, one.name]))} onChoose={(id) => setParams({ shape: id, id: null })} />}
      </PageHead>
      {tab === "rules" ? <PolicyTab /> : <Cases key={`${tab}/${shape}`} state={tab} shape={shape} />}
    </>
  );
}

type Choice = { verdict: Verdict; reason: string };
type Keyed = FraudRow & { id: string };

function Cases({ state, shape }: { state: TabKey; shape: string }) {
  const { params } = useAddress();
  const client = useQueryClient();
  const narrow = useIsNarrow();
  const mayDecide = useKnownSession().may.includes("rewards.decide");
  const query = useFraudCases({ state, shape });
  const refresh = () => { for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] }); };
  const { decide, undo, hidden } = useGrace<Keyed, Choice>(
    (row, { verdict, reason }, leaving) => write(`/api/fraud/cases/${row.id}/verdict`, { verdict, reason }, "POST", leaving), refresh,
    { said: (row, { verdict }) => ({ tone: verdict === "fraud" ? "bad" : verdict === "honest" ? "good" : "plain", text: `${VERDICTS[verdict]}: ${friendOf(row)}` }), name: friendOf, late: "A verdict is sent after six seconds. Open the case under its verdict to change it." },
  );
  const listed = useMemo(() => (query.data?.pages.flatMap((page) => page.rows) ?? []).map((row): Keyed => ({ ...row, id: row.referral_id })), [query.data]);
  const rows = useMemo(() => listed.filter((one) => !hidden.has(one.id)), [listed, hidden]);
  const left = Math.max(rows.length, (query.data?.pages[0]?.total ?? 0) - (listed.length - rows.length));
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const note = useRef<HTMLInputElement>(null);
  const chosen = params.get("id") ?? (narrow ? "" : (rows[0]?.id ?? ""));
  const row = rows.find((one) => one.id === chosen);
  const choose = (id: string | null, replace = !narrow) => setParams({ id }, { replace });
  useEffect(() => setReason(""), [chosen]);
  const chosenRows = rows.filter((one) => picked.has(one.id));

  const bulk = (verdict: Verdict) => {
    setBusy(true);
    write("/api/fraud/verdicts", { verdict, reason: reason.trim() || USUAL[verdict], referral_ids: chosenRows.map((one) => one.id) })
      .then(() => { toast("good", `${count(chosenRows.length)} cases: ${VERDICTS[verdict].toLowerCase()}`); setPicked(new Set()); refresh(); }, (failure) => toastProblem("None of them was decided", failure))
      .finally(() => setBusy(false));
  };
  const say = (verdict: Verdict) => {
    if (!mayDecide) return;
    if (chosenRows.length > 0) return bulk(verdict);
    if (!row) return;
    const at = rows.findIndex((one) => one.id === row.id);
    const text = reason.trim() || USUAL[verdict];
    choose(narrow ? null : ((rows[at + 1] ?? rows[at - 1])?.id ?? null), true);
    decide(row, { verdict, reason: text });
  };
  const pick = (id: string) => setPicked((before) => { const next = new Set(before); if (!next.delete(id)) next.add(id); return next; });
  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(rows.length - 1, rows.findIndex((one) => one.id === chosen) + step))];
    if (next) choose(next.id);
  };
  const on = (act: () => void) => (event: KeyboardEvent) => { event.preventDefault(); act(); };
  useKeys({ j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1), h: on(() => say("honest")), f: on(() => say("fraud")), n: on(() => say("unsure")), x: on(() => row && pick(row.id)), u: on(() => { const back = undo(); if (back) choose(back.id, true); }), r: on(() => note.current?.focus()) }, !narrow || chosen === "");

  if (query.data === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones tall />;
  if (rows.length === 0) {
    return (
      <>
        <Freshness query={query} />
        <Empty icon="shield-check" title={state === "open" ? "Nothing looks wrong" : `No case is ${(STATES[state] ?? state).toLowerCase()}`} actions={shape ? <button className="btn" onClick={() => setParams({ shape: null })}>Every shape</button> : <Link className="btn" to="/referrals">See all referrals</Link>}>A case opens when a referral looks like one hand, a circle, or a close group, and paying it would cost more than holding it.</Empty>
      </>
    );
  }
  const loss = rows.reduce((sum, one) => sum + one.expected_loss_minor, 0);
  const actions = mayDecide ? (
    <Verdicts narrow={narrow} many={chosenRows.length} busy={busy} reason={reason} note={note} onReason={setReason} onSay={say} />
  ) : <p className="small muted">Your role reads this queue; another role decides.</p>;
  return (
    <>
      <Freshness query={query} />
      <div className={css.head}>
        <p className="small muted"><b className="num">{count(left)}</b> {left === 1 ? "case" : "cases"}, <b className="num">{money(loss, rows[0]?.currency ?? "EUR")}</b> expected to be lost if all{query.hasNextPage ? " of those shown" : ""} were paid</p>
        <span className="row" style={{ marginLeft: "auto" }}>
          {chosenRows.length > 0 && <button className="btn small quiet" onClick={() => setPicked(new Set())}>Clear {chosenRows.length} picked</button>}
          {mayDecide && chosenRows.length === 0 && rows.length > 1 && !narrow && <button className="btn small" onClick={() => setPicked(new Set(rows.slice(0, 200).map((one) => one.id)))}>Pick all {count(Math.min(200, rows.length))}</button>}
          <ExportCsv path="/api/fraud/cases" filters={{ state, shape }} />
        </span>
      </div>
      <div className={css.split}>
        <Queue rows={rows} total={left} chosen={chosen} picked={picked} mayPick={mayDecide} onChoose={(id) => choose(id)} onPick={pick} query={query} />
        {!narrow && (
          <section className={css.pane} aria-label="The chosen case">
            {row ? <><div className={css.body} tabIndex={0} role="region" aria-label="Case"><CasePane row={row} /></div><div className={css.foot}>{actions}</div></> : <Empty icon="shield-check" title="This case is decided" actions={<button className="btn" onClick={() => choose(null)}>Go to the first that is open</button>} />}
          </section>
        )}
      </div>
      {narrow && chosenRows.length > 0 && <div className={css.foot}>{actions}</div>}
      {narrow && row && <Sheet title={friendOf(row)} note={`Referred by ${row.advocate.name}`} onClose={() => choose(null)} foot={actions}><div className={css.body}><CasePane row={row} /></div></Sheet>}
    </>
  );
}

function Verdicts({ narrow, many, busy, reason, note, onReason, onSay }: { narrow: boolean; many: number; busy: boolean; reason: string; note: React.RefObject<HTMLInputElement | null>; onReason: (text: string) => void; onSay: (verdict: Verdict) => void }) {
  const key = (name: string) => (narrow ? null : <kbd className="kbd">{name}</kbd>);
  const of = many > 0 ? ` (${many})` : "";
  return (
    <>
      <button className="btn primary" disabled={busy} onClick={() => onSay("honest")}>Honest{of} {key("H")}</button>
      <button className="btn danger" disabled={busy} onClick={() => onSay("fraud")}>Fraud{of} {key("F")}</button>
      <button className="btn" disabled={busy} onClick={() => onSay("unsure")}>Not sure{of} {key("N")}</button>
      <input ref={note} className={`field ${css.why}`} aria-label="Reason, kept with the verdict" placeholder={narrow ? "Reason" : "Reason (R), kept with the verdict"} value={reason} maxLength={300} onChange={(event) => onReason(event.target.value)} onKeyDown={(event) => { if (event.key === "Escape") event.currentTarget.blur(); }} />
    </>
  );
}
