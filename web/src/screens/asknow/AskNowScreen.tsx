import { useEffect, useMemo, useRef, useState } from "react";

import type { NotNowReason, QueueRow } from "../../api/contract";
import { useLive } from "../../api/live";
import { useAskNow, useSources } from "../../api/queries";
import { count, words } from "../../format";
import { useIsNarrow, useKeys, useSettled } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { MOMENTS, PageHead, SearchField } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { AskDetail, type DetailTab } from "./AskDetail";
import { AskActions } from "./AskActions";
import { AskList, type ListControl } from "./AskList";
import css from "./asknow.module.css";
import { Metrics } from "./Metrics";
import { useAskWrites, type Draft } from "./writes";

const momentName = (kind: string): string => MOMENTS[kind]?.name ?? words(kind);

/** Whom to ask now, why, with what: the queue, its evidence, and the answer. */
export function AskNowScreen() {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const mayDecide = useKnownSession().may.includes("asks.decide");
  const group = params.get("group") ?? "";
  const kind = params.get("moment") ?? "";
  const [text, setText] = useState(params.get("q") ?? "");
  const q = useSettled(text.trim());
  const query = useAskNow({ group, moment: kind, q });
  const writes = useAskWrites();
  const { hidden } = writes;
  const listed = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const rows = useMemo(() => listed.filter((one) => !hidden.has(one.id)), [listed, hidden]);
  const first = query.data?.pages[0];
  const total = (first?.total ?? 0) - (listed.length - rows.length);
  const wanted = params.get("ask");
  const chosen = wanted ?? (narrow ? "" : (rows[0]?.id ?? ""));
  const row = rows.find((one) => one.id === chosen);
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const [tab, setTab] = useState<DetailTab>("why");
  const [editing, setEditing] = useState(0);
  const [reasonsOpen, setReasonsOpen] = useState(false);
  const control = useRef<ListControl | null>(null);

  useEffect(() => { if (q !== (params.get("q") ?? "")) setParams({ q, ask: null }, { replace: true }); }, [q, params]);
  // The queue moved on the server: read it again, without waiting for the next round.
  const waiting = useLive().pulse?.queue;
  const { refetch } = query;
  const isWhole = !group && !kind && !q;
  const stale = waiting !== undefined && isWhole && first !== undefined && waiting !== first.total;
  useEffect(() => { if (stale) void refetch(); }, [stale, waiting, refetch]);
  const choose = (id: string | null, replace = !narrow) => setParams({ ask: id }, { replace });
  const nextAfter = (id: string): QueueRow | undefined => {
    const at = rows.findIndex((one) => one.id === id);
    return rows[at + 1] ?? rows[at - 1];
  };
  const settle = (id: string) => {
    setTab("why");
    setEditing(0);
    choose(narrow ? null : (nextAfter(id)?.id ?? null), true);
  };
  const edit = () => {
    setTab("message");
    setEditing((times) => times + 1);
  };
  const approve = () => {
    if (!row || !mayDecide || row.state !== "suggested") return;
    settle(row.id);
    writes.approve(row, drafts[row.id] ?? {});
  };
  const notNow = (reason: NotNowReason, note: string) => {
    if (!row || !mayDecide || row.state !== "suggested") return;
    settle(row.id);
    writes.notNow(row, reason, note);
  };
  const move = (step: number) => (event: KeyboardEvent) => {
    event.preventDefault();
    const at = rows.findIndex((one) => one.id === chosen);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!next) return;
    choose(next.id);
    control.current?.focus(rows.indexOf(next));
  };
  const isControl = (event: KeyboardEvent) => event.target instanceof HTMLElement && event.target.closest("button, a, summary") !== null;
  useKeys({
    j: move(1), k: move(-1), ArrowDown: move(1), ArrowUp: move(-1),
    a: approve,
    Enter: (event) => { if (!isControl(event)) { event.preventDefault(); approve(); } },
    e: (event) => { event.preventDefault(); edit(); },
    x: (event) => { event.preventDefault(); if (row) setReasonsOpen(true); },
    "/": (event) => { event.preventDefault(); document.getElementById("ask-search")?.focus(); },
  }, !narrow || chosen === "");

  const groups = [{ key: "", label: "All" }, ...(first?.groups ?? []).map((one) => ({ key: one.slug, label: one.name, count: one.count }))];
  const detail = chosen !== "" && (
    <AskDetail
      key={chosen} id={chosen} row={row} tab={tab} onTab={(next) => { setEditing(0); setTab(next); }} editing={editing} draft={drafts[chosen] ?? {}} onEdit={(on) => setEditing((times) => (on ? times + 1 : 0))}
      onDraft={(draft) => setDrafts((all) => ({ ...all, [chosen]: draft }))}
    />
  );
  const actions = row?.state === "suggested" && !mayDecide ? (
    <p className="small muted">Your role reads the queue; another role decides.</p>
  ) : row?.state === "suggested" && (
    <AskActions
      row={row} edited={Object.keys(drafts[row.id] ?? {}).length > 0} onApprove={approve} onEdit={edit} onNotNow={notNow}
      open={reasonsOpen} onOpen={setReasonsOpen}
    />
  );
  return (
    <>
      <PageHead title="Ask now">
        <SelfMenu
          label="Moment" align="right"
          button={<>{kind ? momentName(kind) : "Every moment"}<Icon name="chevron-down" size={14} /></>}
          onChoose={(id) => setParams({ moment: id === "all" ? null : id, ask: null })}
          choices={[
            { id: "all", label: "Every moment", checked: kind === "" },
            ...(first?.moments ?? []).map((one) => ({ id: one.kind, label: momentName(one.kind), hint: String(one.count), checked: one.kind === kind })),
          ]}
        />
        <SearchField id="ask-search" value={text} onChange={setText} label="Search the queue" />
      </PageHead>
      <Metrics />
      <div className={css.filters}>
        <Tabs label="Group" kind="pill" value={group} onChange={(slug) => setParams({ group: slug || null, ask: null })} tabs={groups} />
        {first && <span className="small muted num">{total === 1 ? "1 person" : `${count(total)} people`} to ask, best first</span>}
      </div>
      <div className={css.split}>
        <div className={css.left}>
          {query.data === undefined ? (
            query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones tall />
          ) : (
            <>
              <Freshness query={query} />
              {rows.length === 0 ? (
                <NothingToAsk filtered={Boolean(group || kind || q)} onClear={() => { setText(""); setParams({ group: null, moment: null, q: null }); }} />
              ) : (
                <AskList rows={rows} total={total} chosen={chosen} onChoose={(id) => choose(id)} control={control} query={query} />
              )}
            </>
          )}
        </div>
        {!narrow && detail && (
          <section className={css.pane} aria-label="The chosen ask">
            <div className={css.paneBody}>{detail}</div>
            {actions && <div className={css.paneFoot}>{actions}</div>}
          </section>
        )}
      </div>
      {narrow && detail && (
        <Sheet title={row?.persona.name ?? "Ask"} note={row && [row.persona.title, row.company?.name].filter(Boolean).join(" · ")} onClose={() => choose(null)} foot={actions}>
          {detail}
        </Sheet>
      )}
    </>
  );
}

/** While a backlog is being read, an empty queue means "not yet", not "nobody". */
function useBacklog(): number {
  return useSources().data?.rows.reduce((sum, source) => sum + source.lag, 0) ?? 0;
}

function NothingToAsk({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const backlog = useBacklog();
  if (filtered) {
    return <Empty icon="search" title="No one matches" actions={<button className="btn" onClick={onClear}>Clear the filters</button>}>Nobody waiting fits this group, moment and search.</Empty>;
  }
  if (backlog > 0) {
    return (
      <Empty icon="rocket" title={`Reading ${backlog >= 10_000 ? "10,000 or more" : count(backlog)} events`} actions={<Link className="btn" to="/sources">Watch the sources</Link>}>
        They have arrived and are being read in order. People appear here as soon as a moment is found.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nobody to ask right now"
      actions={<><Link className="btn primary" to="/sources">Connect a source</Link><Link className="btn" to="/people">See who is known</Link></>}
    >
      A person appears here when a moment of delight is seen, consent is given and no guardrail stands against it.
    </Empty>
  );
}
