import { useState } from "react";

import type { Deal, Member, Registering } from "../../api/taking";
import { useDealMoves, useDeals, useDecideDeal, useMoveDeal, useRegisterDeal } from "../../api/takingQueries";
import { day, money, moment, words } from "../../format";
import { AdvocateField } from "../../parts/advocates";
import { Icon } from "../../parts/icons";
import { Amount } from "../../parts/inline";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box, Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { toast } from "../../parts/toast";
import { Badge, Fact } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { NoBox, Wrong } from "./NoBox";
import { StateBar } from "./StateBar";
import css from "./taking.module.css";
import { stagesOf, stateOf } from "./words";

const STATES = { waiting: "To decide", open: "Protected", won: "Won", lost: "Lost", rejected: "Declined", expired: "Lapsed", all: "All" };

/** Companies partners named, whose they are and until when. */
export function Deals({ program, rules, currency }: { program: string; rules: Registering | null; currency: string }) {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("programs.write");
  const state = params.get("state") ?? "waiting";
  const query = useDeals(program, { state: state === "all" ? "" : state });
  const [adding, setAdding] = useState(false);
  const id = params.get("id") ?? "";
  const chosen = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const columns: Column<Deal>[] = [
    { key: "company", head: "Company", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.company}</span>} below={row.domain} /> },
    { key: "partner", head: "Partner", width: "minmax(0, 1.1fr)", phone: "sub", cell: (row) => <Two top={row.advocate || "Erased"} below={row.email} /> },
    { key: "stage", head: "Stage", width: "minmax(0, 0.6fr)", cell: (row) => <span className="clip">{words(row.stage)}</span> },
    { key: "until", head: "Protected until", width: "118px", cell: (row) => <span className="small muted num">{day(row.protected_until)}</span> },
    { key: "state", head: "State", width: "100px", phone: "side", cell: (row) => <Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge> },
    { key: "worth", head: "Worth", width: "104px", align: "right", phone: "sub", cell: (row) => (row.amount_minor === null ? <span className="small muted">not said</span> : <span className="num strong">{money(row.amount_minor, row.currency)}</span>) },
  ];
  return (
    <>
      <StateBar label="Registered deals" states={STATES} state={state} path={`/api/programs/${program}/registrations`}>{mayWrite && rules && <button className="btn small" onClick={() => setAdding(true)}><Icon name="plus" size={14} />Register one</button>}</StateBar>
      <Rows
        label="Registered deals" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={rules === null ? <Empty icon="briefcase" title="This program registers no deals" actions={<Link className="btn" to={`/programs/${program}`}>Open the program</Link>}>Where deals are registered, a partner names a company it works on, and for a time nobody else is credited for it.</Empty>
          : state === "waiting" ? <Empty icon="briefcase" title="No deal waits" actions={<button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>}>{rules.needs_review === false ? "In this program a registered deal is protected at once." : "A deal a partner registers waits here until somebody accepts it."}</Empty>
            : <Empty icon="briefcase" title="None of these" actions={state !== "all" && <button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>} />}
      />
      {chosen && <DealSheet key={chosen.id} row={chosen} rules={rules} onClose={() => setParams({ id: null })} />}
      {adding && rules && <Register program={program} rules={rules} currency={currency} onClose={() => setAdding(false)} />}
    </>
  );
}

function DealSheet({ row, rules, onClose }: { row: Deal; rules: Registering | null; onClose: () => void }) {
  const mayWrite = useKnownSession().may.includes("programs.write");
  const moves = useDealMoves(row.id);
  const decide = useDecideDeal();
  const [asking, setAsking] = useState<"no" | "move" | null>(null);
  const waits = row.state === "waiting";
  const free = `${row.company} is free for others again.`;
  const yes = () => decide.mutate({ id: row.id, verdict: "approved", reason: "" }, { onSuccess: () => { toast("good", `${row.company} is ${row.advocate}'s`, { detail: `Nobody else is credited for ${row.domain} until ${day(row.protected_until)}.` }); onClose(); } });
  const no = (reason: string) => decide.mutate({ id: row.id, verdict: "rejected", reason }, { onSuccess: () => { toast("plain", "The deal was declined", { detail: `${free} ${reason}` }); onClose(); } });
  return (
    <Sheet
      title={row.company} note={`${row.domain}, registered by ${row.advocate || "somebody who was erased"}`} onClose={onClose}
      foot={waits ? (mayWrite ? <><button className="btn primary" disabled={decide.isPending} onClick={yes}><Icon name="check" size={15} />Accept</button><button className="btn danger" disabled={decide.isPending} onClick={() => setAsking("no")}>Decline</button></> : <p className="small muted">Your role reads deals; another role decides them.</p>)
        : row.state === "open" && mayWrite && <button className="btn" onClick={() => setAsking("move")}>Move to another stage</button>}
    >
      <div className={css.body}>
        {asking === null && <Wrong failure={decide.error} />}
        {waits && <p className={css.happens}><Icon name="shield-check" size={15} /><span>If you accept, nobody else is credited for {row.domain} until {day(row.protected_until)}. Nothing is paid by that: {row.advocate || "the partner"} earns when the sale itself is reported.</span></p>}
        <dl>
          <Fact name="State"><Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge></Fact>
          <Fact name="Stage">{words(row.stage)}</Fact>
          <Fact name="Worth">{row.amount_minor === null ? <span className="muted">not said</span> : <span className="num">{money(row.amount_minor, row.currency)}</span>}</Fact>
          <Fact name="Partner">{row.advocate} <span className="muted">{row.email}</span></Fact>
          {(row.contact || row.contact_email) && <Fact name="Contact there">{row.contact} <span className="muted">{row.contact_email}</span></Fact>}
          <Fact name="Registered">{moment(row.registered_at)}</Fact>
          <Fact name="Protected until">{day(row.protected_until)}</Fact>
          <Fact name="Lapses unworked">{day(row.expires_at)}</Fact>
        </dl>
        <section className={css.section}>
          <h3>How it moved</h3>
          <Loaded query={moves} bones={<Bones rows={2} />}>{({ rows }) => <ol className={css.moves}>{[...rows].reverse().map((one) => <li key={one.number}><p className="row wrap"><Badge tone={stateOf(one.state).tone}>{stateOf(one.state).name}</Badge><b>{words(one.stage)}</b></p><p className="tiny muted">{moment(one.at)}, {one.actor.startsWith("advocate:") ? "the partner" : one.actor === "honeyguide" ? "by itself" : one.actor}</p>{one.reason && <p className="small">{one.reason}</p>}</li>)}</ol>}</Loaded>
        </section>
      </div>
      {asking === "no" && <NoBox title={`Decline ${row.company}?`} note={`${free} The reason is kept in its history, worded for the partner.`} button="Decline" busy={decide.isPending} failure={decide.error} onClose={() => setAsking(null)} onSay={no} />}
      {asking === "move" && <MoveBox row={row} rules={rules} onClose={() => setAsking(null)} onMoved={onClose} />}
    </Sheet>
  );
}

function MoveBox({ row, rules, onClose, onMoved }: { row: Deal; rules: Registering | null; onClose: () => void; onMoved: () => void }) {
  const move = useMoveDeal();
  const stages = stagesOf(rules).filter((one) => one !== row.stage);
  const [stage, setStage] = useState(stages[stages.indexOf(row.stage) + 1] ?? stages[0] ?? "");
  const [reason, setReason] = useState("");
  const ends = stage === "won" || stage === "lost";
  const go = () => move.mutate({ id: row.id, stage, reason: reason.trim() }, { onSuccess: () => { toast("good", `${row.company}: ${words(stage).toLowerCase()}`, { detail: ends ? "The registration has ended." : "It stands in its history." }); onMoved(); } });
  return (
    <Box title={`Move ${row.company}`} onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className={stage === "lost" ? "btn danger" : "btn primary"} disabled={!stage || move.isPending} onClick={go}>Move to {words(stage).toLowerCase()}</button></>}>
      <label><span className="label">Stage, now {words(row.stage).toLowerCase()}</span><select className="field" value={stage} onChange={(event) => setStage(event.target.value)}>{stages.map((one) => <option key={one} value={one}>{words(one)}</option>)}</select></label>
      <p className="small muted">{stage === "lost" ? "This ends the registration: the company is free for others." : stage === "won" ? "This ends the registration. The commission comes with the sale itself, as your CRM reports it." : "Moving it pays nothing by itself: what a stage earns comes as your CRM reports it."}</p>
      <label><span className="label">Note, kept in the history</span><input className="field" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} /></label>
      <Wrong failure={move.error} />
    </Box>
  );
}

function Register({ program, rules, currency, onClose }: { program: string; rules: Registering; currency: string; onClose: () => void }) {
  const register = useRegisterDeal(program);
  const [who, setWho] = useState<Member | null>(null);
  const [said, setSaid] = useState({ company: "", domain: "", contact: "", contact_email: "" });
  const [minor, setMinor] = useState(0);
  const put = (key: keyof typeof said) => (event: React.ChangeEvent<HTMLInputElement>) => setSaid({ ...said, [key]: event.target.value });
  const days = rules.protection_days ?? 90;
  const ready = who?.accepted && said.company.trim() && said.domain.trim();
  const go = () => who && register.mutate({ ...said, advocate_id: who.id, amount_minor: minor > 0 ? minor : null, currency }, { onSuccess: (made) => { toast("good", `${made.company} is registered for ${who.name}`, { detail: made.state === "waiting" ? "It waits for somebody to accept it." : `Protected until ${day(made.protected_until)}.` }); onClose(); setParams({ state: made.state === "waiting" ? null : made.state, id: made.id }); } });
  return (
    <Box title="Register a deal for a partner" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!ready || register.isPending} onClick={go}>Register</button></>}>
      <AdvocateField program={program} value={who} onChange={setWho} label="Partner" />
      {who && !who.accepted && <p className={css.wrong} role="alert">{who.name} has not accepted the terms yet, so nothing can be registered for them. They do that on their page.</p>}
      <div className={css.two}>
        <label><span className="label">Company</span><input className="field" value={said.company} maxLength={200} onChange={put("company")} /></label>
        <label><span className="label">Its domain</span><input className="field" value={said.domain} maxLength={253} placeholder="company.com" onChange={put("domain")} /></label>
        <label><span className="label">Contact there (may be empty)</span><input className="field" value={said.contact} maxLength={200} onChange={put("contact")} /></label>
        <label><span className="label">Their e-mail (may be empty)</span><input className="field" type="email" value={said.contact_email} maxLength={254} onChange={put("contact_email")} /></label>
      </div>
      <p className="row"><span className="small muted">Worth about</span><Amount label="Worth of the deal" value={minor} currency={currency} onChange={setMinor} /><span className="small muted">(0 when not known)</span></p>
      <p className="small muted">{rules.needs_review === false ? `It is protected for ${days} days at once.` : `Somebody accepts it first; it is protected for ${days} days from today.`}</p>
      <Wrong failure={register.error} />
    </Box>
  );
}
