import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { write } from "../../api/client";
import type { Reading } from "../../api/inference";
import { useReadings } from "../../api/inferenceQueries";
import { count, percent, words } from "../../format";
import { Progress } from "../../parts/bars";
import { useGrace } from "../../parts/grace";
import { useIsNarrow, useKeys } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { toast } from "../../parts/toast";
import { PageHead } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import css from "./readings.module.css";
import { ReadingPane } from "./ReadingPane";
import { asked, labelWords, ranked, rejection } from "./words";

const TASKS = ["relation", "ticket_outcome", "praise", "intent", "churn", "title", "mention"];
const TOUCHED = ["readings", "quality", "graph", "neighbourhood", "portrait", "persona", "audit"];
const nameOf = (row: Reading): string => row.persona?.name ?? row.source_ref;

/** Texts the machine is not sure of, the most valuable answer first: a person says what they mean. */
export default function ReadingScreen() {
  const { params } = useAddress();
  const task = params.get("task") ?? "";
  const state = params.get("state") === "decided" ? "decided" : "open";
  return (
    <>
      <PageHead title="Reading review">
        <Tabs label="Reading review" kind="pill" value={state} onChange={(key) => setParams({ state: key === "open" ? null : key, id: null })} tabs={[{ key: "open", label: "To answer" }, { key: "decided", label: "Answered" }]} />
        <SelfMenu
          label="Question set" align="right" button={<>{task ? words(task) : "Every question"}<Icon name="chevron-down" size={14} /></>}
          choices={[{ id: "all", label: "Every question", checked: task === "" }, ...TASKS.map((one) => ({ id: one, label: words(one), checked: one === task }))]} onChoose={(id) => setParams({ task: id === "all" ? null : id, id: null })}
        />
      </PageHead>
      {state === "open" ? <ToAnswer key={task} task={task} /> : <Answered task={task} />}
    </>
  );
}

function useAnswers() {
  const client = useQueryClient();
  return useGrace<Reading, string>(
    (row, label, leaving) => write(`/api/inference/review/${row.id}`, { label }, "POST", leaving),
    () => { for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] }); },
    {
      said: (row, label) => ({ tone: label === "none" || label === "no" ? "plain" : "good", text: `${labelWords(label)}: ${nameOf(row)}` }),
      name: nameOf,
      late: "An answer is sent after six seconds. Look under Answered; a later answer of yours counts instead.",
    },
  );
}

function ToAnswer({ task }: { task: string }) {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const mayWrite = useKnownSession().may.includes("people.write");
  const older = params.get("older") === "1";
  const query = useReadings({ state: "open", task: task || null, older: older ? "true" : null });
  const { decide, undo, hidden } = useAnswers();
  const listed = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const rows = useMemo(() => listed.filter((one) => !hidden.has(one.id)), [listed, hidden]);
  const left = Math.max(rows.length, (query.data?.pages[0]?.total ?? 0) - (listed.length - rows.length));
  const [most, setMost] = useState(0);
  useEffect(() => setMost((before) => Math.max(before, left)), [left]);
  useEffect(() => { if (rows.length < 10 && query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage(); }, [rows.length, query]);
  const list = useRef<HTMLDivElement>(null);
  const chosen = params.get("id") ?? (narrow ? "" : (rows[0]?.id ?? ""));
  const row = rows.find((one) => one.id === chosen);
  const choose = (id: string | null, replace = !narrow) => setParams({ id }, { replace });
  useEffect(() => { list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" }); }, [chosen]);

  const answer = (label: string) => {
    if (!row || !mayWrite) return;
    const at = rows.findIndex((one) => one.id === row.id);
    choose(narrow ? null : ((rows[at + 1] ?? rows[at - 1])?.id ?? null), true);
    decide(row, label);
  };
  const accept = () => { const top = row && ranked(row.answers)[0]; if (top) answer(top.label); };
  const reject = () => {
    if (!row) return;
    const label = rejection(row);
    if (label) answer(label);
    else toast("plain", "Choose the right answer by its number", { detail: "This question has no “none of these”." });
  };
  const takeBack = () => { const back = undo(); if (back) choose(back.id, true); };
  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    const at = rows.findIndex((one) => one.id === chosen);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next) choose(next.id);
  };
  const quietly = (act: () => void) => (event: KeyboardEvent) => { event.preventDefault(); act(); };
  const keys: Record<string, (event: KeyboardEvent) => void> = { j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1), a: quietly(accept), r: quietly(reject), u: quietly(takeBack) };
  for (let n = 1; n <= 9; n++) keys[String(n)] = quietly(() => { const label = row && ranked(row.answers)[n - 1]?.label; if (label) answer(label); });
  useKeys(keys, !narrow || chosen === "");

  if (query.data === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones tall />;
  if (rows.length === 0) {
    return (
      <>
        <Freshness query={query} />
        <Empty icon="circle-check" title={most > 0 ? "All answered" : "No text waits for you"} actions={<>{most > 0 && <button className="btn" onClick={takeBack}><Icon name="undo-2" size={14} />Take the last one back</button>}<Link className="btn" to="/graph/quality">See what the answers teach</Link>{!older && <button className="btn" onClick={() => setParams({ older: "1", id: null })}>Old texts too</button>}</>}>
          A text appears here when the machine is not sure of it, or when what it says may not rest on a machine alone.
        </Empty>
      </>
    );
  }
  const pane = row && <ReadingPane row={row} onAnswer={answer} onAccept={accept} onReject={reject} mayWrite={mayWrite} />;
  return (
    <>
      <Freshness query={query} />
      <div className={css.bar}>
        <span className="small muted">The most valuable answer first, {older ? "old texts too" : "texts still worth asking about"} <button className="link small" onClick={() => setParams({ older: older ? null : "1", id: null })}>{older ? "Leave old texts out" : "Old texts too"}</button></span>
        <span className={css.left}><span className={css.leftBar}><Progress done={most - left} total={most} label="Answered so far" /></span><span className="num">{count(left)} left</span></span>
      </div>
      <div className={css.split}>
        <div className={css.queue} role="listbox" aria-label="Texts to answer" tabIndex={0} ref={list}>
          {rows.map((one) => <Line key={one.id} row={one} chosen={one.id === chosen} onChoose={() => choose(one.id)} />)}
        </div>
        {narrow ? row && <Sheet title={asked(row)} onClose={() => choose(null)} flush>{pane}</Sheet> : pane}
      </div>
    </>
  );
}

function Line({ row, chosen, onChoose }: { row: Reading; chosen: boolean; onChoose: () => void }) {
  const top = ranked(row.answers)[0];
  return (
    <div role="option" aria-selected={chosen} className={css.line} onClick={onChoose}>
      <span className="grow">
        <span className={css.lineTop}><span className="strong clip">{row.persona?.name ?? "Nobody known"}</span>{row.flags.length > 0 && <Icon name="triangle-alert" size={13} label="Flagged" />}</span>
        <span className="small muted clip">{asked(row)}</span>
      </span>
      {top && <span className={css.lineSide}><span className="small clip">{labelWords(top.label)}</span><b className="num small">{percent(top.probability, 0)}</b></span>}
    </div>
  );
}

function Answered({ task }: { task: string }) {
  const query = useReadings({ state: "decided", task: task || null });
  const rows = query.data?.pages.flatMap((page) => page.rows);
  if (rows === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones />;
  if (rows.length === 0) return <><Freshness query={query} /><Empty icon="inbox" title="Nothing has been answered yet">Answers of people stand here, and what they were given for.</Empty></>;
  return (
    <>
      <Freshness query={query} />
      <div className={css.answered} tabIndex={0} role="region" aria-label="Answered">
        <ul>
          {rows.map((row) => (
            <li key={row.id}>
              <span className="grow"><span className="strong">{nameOf(row)}</span> <span className="muted">{asked(row)}</span><span className={css.gist}>{row.text}</span></span>
              <span className={css.lineSide}><span className="strong small">{row.label ? labelWords(row.label) : ""}</span><span className="tiny muted">{row.actor ?? ""}</span></span>
            </li>
          ))}
        </ul>
        {query.hasNextPage && <button className="btn small" style={{ margin: 16 }} onClick={() => void query.fetchNextPage()}>Earlier answers</button>}
      </div>
    </>
  );
}
