import { useState } from "react";

import type { Application } from "../../api/taking";
import { useApplication, useApplications, useApply, useDecideApplication } from "../../api/takingQueries";
import { ago, moment, words } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box, Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { toast } from "../../parts/toast";
import { Avatar, Badge, Fact } from "../../parts/ui";
import { setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { NoBox, Wrong } from "./NoBox";
import { StateBar } from "./StateBar";
import css from "./taking.module.css";
import { stateOf } from "./words";

const STATES = { waiting: "To decide", approved: "Approved", rejected: "Declined", all: "All" };

/** Who wants to take part, with what they answered. */
export function Applications({ program, open, live, questions }: { program: string; open: boolean; live: boolean; questions: string[] }) {
  const mayWrite = useKnownSession().may.includes("programs.write");
  const [noting, setNoting] = useState(false);
  const { params } = useAddress();
  const now = useNow(60_000);
  const state = params.get("state") ?? "waiting";
  const filters = { state: state === "all" ? "" : state };
  const query = useApplications(program, filters);
  const id = params.get("id") ?? "";
  const chosen = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const columns: Column<Application>[] = [
    { key: "who", head: "Who", width: "minmax(0, 1.2fr)", phone: "main", cell: (row) => <span className="row" style={{ gap: 11 }}><Avatar name={row.name} /><Two top={<span className="strong">{row.name}</span>} below={row.email} /></span> },
    { key: "said", head: "What they say", width: "minmax(0, 1.5fr)", phone: "sub", cell: (row) => <span className="clip muted">{row.reason || row.answers.filter(Boolean)[0] || "No question was asked"}</span> },
    { key: "state", head: "State", width: "104px", phone: "side", cell: (row) => <Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge> },
    { key: "at", head: "Applied", width: "104px", align: "right", phone: "sub", cell: (row) => <span className="small muted num">{ago(row.applied_at, now)}</span> },
  ];
  return (
    <>
      <StateBar label="Applications" states={STATES} state={state} path={`/api/programs/${program}/applications`}>{mayWrite && live && <button className="btn small" onClick={() => setNoting(true)}><Icon name="plus" size={14} />Note one</button>}</StateBar>
      <Rows
        label="Applications" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={state === "waiting"
          ? <Empty icon="users" title="No application waits" actions={<button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>}>{open ? "Whoever may take part in this program is in at once, so nobody waits here." : "Somebody who wants to take part and is not let in by the rules waits here for your yes or no. Note one here, or send them over the API."}</Empty>
          : <Empty icon="users" title="None of these" actions={state !== "all" && <button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>} />}
      />
      {noting && <NoteBox program={program} questions={questions} onClose={() => setNoting(false)} />}
      {chosen && <ApplicationSheet key={chosen.id} row={chosen} onClose={() => setParams({ id: null })} />}
    </>
  );
}

function ApplicationSheet({ row, onClose }: { row: Application; onClose: () => void }) {
  const query = useApplication(row.id);
  const mayDecide = useKnownSession().may.includes("programs.write");
  const decide = useDecideApplication();
  const [group, setGroup] = useState("");
  const [saysNo, setSaysNo] = useState(false);
  const groups = query.data?.groups ?? [];
  const joins = groups.find((one) => one.slug === group) ?? groups.find((one) => one.because);
  const waits = row.state === "waiting";
  const yes = () => decide.mutate({ id: row.id, verdict: "approved", reason: "", group }, { onSuccess: () => { toast("good", `${row.name} is an advocate now`, { detail: `In ${joins?.name ?? "the group that fits"}. Nothing is sent by itself: tell them. They earn from when they accept the terms on their page.` }); onClose(); } });
  const no = (reason: string) => decide.mutate({ id: row.id, verdict: "rejected", reason }, { onSuccess: () => { toast("plain", `${row.name} was declined`, { detail: `Nothing is sent by itself: tell them. ${reason}` }); onClose(); } });
  return (
    <Sheet
      title={row.name} note={row.email} onClose={onClose}
      foot={waits && (mayDecide ? <><button className="btn primary" disabled={decide.isPending || !joins} onClick={yes}><Icon name="check" size={15} />Approve into {joins?.name ?? "a group"}</button><button className="btn danger" disabled={decide.isPending} onClick={() => setSaysNo(true)}>Decline</button></> : <p className="small muted">Your role reads applications; another role decides them.</p>)}
    >
      <div className={css.body}>
        {!saysNo && <Wrong failure={decide.error} />}
        <dl>
          <Fact name="State"><Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge> {row.decided_at && <span className="muted">{moment(row.decided_at)} by {row.decided_by === "honeyguide" ? "the program's rules" : row.decided_by}</span>}</Fact>
          {row.reason && <Fact name="Reason">{row.reason}</Fact>}
          <Fact name="Applied">{moment(row.applied_at)}</Fact>
        </dl>
        <Loaded query={query} bones={<Bones rows={3} />}>
          {(found) => (
            <>
              <p className={css.happens} data-tone={found.eligible ? undefined : "warn"}><Icon name={found.eligible ? "circle-check" : "triangle-alert"} size={15} /><span>{found.eligible_why}</span></p>
              <section className={css.section}>
                <h3>What they answered</h3>
                {found.answers.length === 0 ? <p className="small muted">The program asks no questions.</p> : <dl className={css.qa}>{found.answers.map((one, i) => <div key={i}><dt>{one.question || `Answer ${i + 1}`}</dt><dd>{one.answer}</dd></div>)}</dl>}
              </section>
              <section className={css.section}>
                <h3>What is known of them</h3>
                {found.known.length === 0 ? <p className="small muted">Nothing was known when they applied.</p> : <dl>{found.known.map((one) => <Fact key={one.name} name={words(one.name.replaceAll(".", " "))}>{one.value}</Fact>)}</dl>}
              </section>
              {waits && mayDecide && (
                <section className={css.section}>
                  <h3>A yes lets them into</h3>
                  <label><span className="sr">Group</span><select className="field" value={joins?.slug ?? ""} onChange={(event) => setGroup(event.target.value)}>{found.groups.map((one) => <option key={one.slug} value={one.slug}>{one.name}{one.because ? " (by the rules)" : ""}</option>)}</select></label>
                  <p className="small muted">{joins?.because || `${joins?.name ?? "This group"}, by your choice: the rules would put them elsewhere.`} Nothing is paid by a yes; they earn what the group earns once they accept the terms.</p>
                </section>
              )}
            </>
          )}
        </Loaded>
      </div>
      {saysNo && <NoBox title={`Decline ${row.name}?`} note="The reason is kept with the application, worded for them. Nothing is sent by itself: tell them. They may apply again later." reasons={query.data?.reasons} button="Decline" busy={decide.isPending} failure={decide.error} onClose={() => setSaysNo(false)} onSay={no} />}
    </Sheet>
  );
}

/** Somebody who wrote or called: their application is noted as if they had sent it. */
function NoteBox({ program, questions, onClose }: { program: string; questions: string[]; onClose: () => void }) {
  const apply = useApply(program);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [answers, setAnswers] = useState<string[]>(questions.map(() => ""));
  const ready = name.trim() && email.trim() && answers.every((one) => one.trim());
  const OUTCOMES: Record<string, string> = { waiting: "It waits for a yes or a no.", approved: "They are in at once, by the program's rules.", rejected: "The program's rules turned them away." };
  const go = () => apply.mutate({ name: name.trim(), email: email.trim(), answers: answers.map((one) => one.trim()) }, { onSuccess: (made) => { toast(made.state === "rejected" ? "plain" : "good", `${made.name}'s application is noted`, { detail: OUTCOMES[made.state] }); onClose(); setParams({ state: made.state === "waiting" ? null : made.state, id: made.id }); } });
  return (
    <Box title="Note an application" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!ready || apply.isPending} onClick={go}>Note it</button></>}>
      <p className="small muted">For somebody who wrote or called. The program's rules say whether they are in at once, wait, or may not take part.</p>
      <label><span className="label">Name</span><input className="field" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} autoFocus /></label>
      <label><span className="label">Work e-mail</span><input className="field" type="email" value={email} maxLength={254} onChange={(event) => setEmail(event.target.value)} /></label>
      {questions.map((one, i) => <label key={one}><span className="label">{one}</span><textarea className="field" rows={2} value={answers[i]} maxLength={2000} onChange={(event) => setAnswers(answers.map((said, at) => (at === i ? event.target.value : said)))} /></label>)}
      <Wrong failure={apply.error} />
    </Box>
  );
}
