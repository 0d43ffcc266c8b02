import { useEffect, useMemo, useRef, useState } from "react";

import { address } from "../../api/client";
import type { Proposal } from "../../api/identity";
import { useConflicts, useProposals } from "../../api/identityQueries";
import { count } from "../../format";
import { Progress } from "../../parts/bars";
import { useIsNarrow, useKeys } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { PageHead } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { Conflicts } from "./Conflicts";
import { Decided } from "./Decided";
import { useDecisions, type Decision } from "./decide";
import { MoneyBox } from "./MoneyBox";
import { pairName } from "./pair";
import { ProposalPane } from "./ProposalPane";
import { Queue, type QueueControl } from "./Queue";
import css from "./review.module.css";
import { ReviewHelp } from "./ReviewHelp";

type TabKey = "open" | "conflicts" | "decided";
const KINDS = [{ id: "", label: "People and companies", short: "All" }, { id: "persona", label: "People", short: "People" }, { id: "company", label: "Companies", short: "Companies" }];

/** Pairs the machine is not sure of: a person says whether they are one. */
export default function ReviewScreen() {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const kind = params.get("kind") ?? "";
  const tab = (["conflicts", "decided"].includes(params.get("tab") ?? "") ? params.get("tab") : "open") as TabKey;
  const conflicts = useConflicts({}).data?.pages[0]?.total;
  return (
    <>
      <PageHead title="Identity review">
        <Tabs<TabKey>
          label="Identity review" kind="pill" value={tab} onChange={(key) => setParams({ tab: key === "open" ? null : key, id: null })}
          tabs={[{ key: "open", label: "To decide" }, { key: "conflicts", label: "Conflicts", count: conflicts || undefined }, { key: "decided", label: "Decided" }]}
        />
        {tab !== "conflicts" && (
          <SelfMenu
            label="Kind" align="right" button={<>{KINDS.find((one) => one.id === kind)?.[narrow ? "short" : "label"]}<Icon name="chevron-down" size={14} /></>}
            choices={KINDS.map((one) => ({ id: one.id || "all", label: one.label, checked: one.id === kind }))} onChoose={(id) => setParams({ kind: id === "all" ? null : id, id: null })}
          />
        )}
      </PageHead>
      {tab === "open" ? <ToDecide kind={kind} /> : tab === "conflicts" ? <Conflicts /> : <Decided kind={kind} />}
    </>
  );
}

function ToDecide({ kind }: { kind: string }) {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const mayWrite = useKnownSession().may.includes("people.write");
  const query = useProposals({ state: "open", kind });
  const { decide, undo, hidden } = useDecisions();
  const listed = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const rows = useMemo(() => listed.filter((one) => !hidden.has(one.id)), [listed, hidden]);
  const left = Math.max(rows.length, (query.data?.pages[0]?.total ?? 0) - (listed.length - rows.length));
  const [most, setMost] = useState(0);
  useEffect(() => setMost((before) => Math.max(before, left)), [left]);
  const chosen = params.get("id") ?? (narrow ? "" : (rows[0]?.id ?? ""));
  const row = rows.find((one) => one.id === chosen);
  const [evidence, setEvidence] = useState(false);
  const [asking, setAsking] = useState<Proposal | null>(null);
  const [help, setHelp] = useState(false);
  const control = useRef<QueueControl | null>(null);
  const choose = (id: string | null, replace = !narrow) => setParams({ id }, { replace });
  const focusOn = (id: string) => control.current?.focus(rows.findIndex((one) => one.id === id));

  const settle = (decided: Proposal, decision: Decision) => {
    const at = rows.findIndex((one) => one.id === decided.id);
    const next = rows[at + 1] ?? rows[at - 1];
    choose(narrow ? null : (next?.id ?? null), true);
    decide(decided, decision);
  };
  const accept = () => {
    if (!row || !mayWrite) return;
    if (row.money) setAsking(row);
    else settle(row, "accept");
  };
  const reject = () => { if (row && mayWrite) settle(row, "reject"); };
  const takeBack = () => {
    const back = undo();
    if (back) choose(back.id, true);
  };
  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    const at = rows.findIndex((one) => one.id === chosen);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!next) return;
    choose(next.id);
    focusOn(next.id);
  };
  const isControl = (event: KeyboardEvent) => event.target instanceof HTMLElement && event.target.closest("button, a, summary") !== null;
  const quietly = (act: () => void) => (event: KeyboardEvent) => { event.preventDefault(); act(); };
  const keys: Record<string, (event: KeyboardEvent) => void> = {
    j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1), a: quietly(accept), r: quietly(reject), u: quietly(takeBack),
    e: quietly(() => setEvidence((now) => !now)), Enter: (event) => { if (!isControl(event)) quietly(accept)(event); },
  };
  for (const letter of ["j", "k", "a", "r", "u", "e"]) keys[letter.toUpperCase()] = keys[letter]!;
  useKeys(keys, !narrow || chosen === "");
  const page = (step: number) => () => { const at = rows.findIndex((one) => one.id === chosen); const next = rows[at + step]; if (next) choose(next.id); };

  const actions = row && (mayWrite
    ? <Actions row={row} narrow={narrow} onAccept={accept} onReject={reject} onEvidence={() => setEvidence(!evidence)} evidence={evidence} onNext={page(1)} />
    : <p className="small muted">Your role reads this queue; another role decides.</p>);
  if (query.data === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones tall />;
  return (
    <>
      {rows.length > 0 && (
        <div className={css.bar}>
          <p className="small muted">Each pair below may be the same {kind === "company" ? "company" : "person"} in two systems. You decide; you can always separate them again.</p>
          <span className={css.left}>
            <span className={css.leftBar}><Progress label="Decided of this queue" done={most - left} total={Math.max(most, 1)} /></span>
            <b className="num">{count(left)} left</b>
            <a className="btn small" href={address("/api/identity/proposals", { state: "open", kind, format: "csv" })} download><Icon name="download" size={14} />Export CSV</a>
            {!narrow && <button className="btn small" onClick={() => setHelp(true)}><Icon name="keyboard" size={14} />Keys</button>}
          </span>
        </div>
      )}
      <Freshness query={query} />
      {rows.length === 0 ? (
        <div className={css.done}>
          {kind
            ? <Empty icon="search" title={kind === "company" ? "No companies to decide on" : "No people to decide on"} actions={<button className="btn" onClick={() => setParams({ kind: null })}>Show people and companies</button>} />
            : <Empty icon="circle-check" title={most > 0 ? "That was the last one" : "Nothing to decide"} actions={<Link className="btn" to="/people">See who is known</Link>}>Records that are certainly one are joined by themselves, those that are certainly two stay apart. Only the pairs in between come here.</Empty>}
        </div>
      ) : (
        <div className={css.split}>
          <div className={css.queue}><Queue rows={rows} total={left} chosen={chosen} onChoose={(id) => choose(id)} control={control} query={query} /></div>
          {!narrow && (
            <section className={css.pane} aria-label="The chosen pair">
              {row ? <><div className={css.paneBody} tabIndex={0} role="region" aria-label="Comparison"><ProposalPane row={row} evidence={evidence} /></div><div className={css.paneFoot}>{actions}</div></> : (
                <Empty icon="git-compare" title="This pair is decided" actions={<button className="btn" onClick={() => choose(null)}>Go to the first that is open</button>} />
              )}
            </section>
          )}
        </div>
      )}
      {narrow && row && <Sheet title={pairName(row)} onClose={() => choose(null)} foot={actions}><div className={css.paneBody}><ProposalPane row={row} evidence={evidence} /></div></Sheet>}
      {asking && <MoneyBox row={asking} onClose={() => setAsking(null)} onJoin={() => { const wanted = asking; setAsking(null); settle(wanted, "accept"); }} />}
      {help && <ReviewHelp onClose={() => setHelp(false)} />}
    </>
  );
}

function Actions({ row, narrow, onAccept, onReject, onEvidence, evidence, onNext }: {
  row: Proposal; narrow: boolean; onAccept: () => void; onReject: () => void; onEvidence: () => void; evidence: boolean; onNext: () => void;
}) {
  const key = (name: string) => (narrow ? null : <kbd className="kbd">{name}</kbd>);
  return (
    <>
      <button className={`btn primary ${narrow ? "grow" : ""}`} onClick={onAccept}><Icon name={row.money ? "lock" : "git-merge"} size={15} />{narrow ? "They are one" : `They are one ${row.kind === "company" ? "company" : "person"}`} {key("A")}</button>
      <button className={`btn ${narrow ? "grow" : ""}`} onClick={onReject}><Icon name="split" size={15} />Keep apart {key("R")}</button>
      {!narrow && <button className="btn quiet" onClick={onNext}>Decide later {key("J")}</button>}
      <button className="btn quiet" aria-pressed={evidence} onClick={onEvidence}>{evidence && !narrow ? "Less evidence" : "Evidence"} {key("E")}</button>
    </>
  );
}
