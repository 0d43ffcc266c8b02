import { useState } from "react";

import type { Act, ActDetail, Bounty, Member } from "../../api/taking";
import { useAct, useActs, useHandIn, useReviewAct } from "../../api/takingQueries";
import { ago, money, moment, words } from "../../format";
import { AdvocateField } from "../../parts/advocates";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box, Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { toast } from "../../parts/toast";
import { Badge, Fact } from "../../parts/ui";
import { Link, navigate, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { NoBox, Wrong } from "./NoBox";
import { StateBar } from "./StateBar";
import css from "./taking.module.css";
import { isLink, PROOFS, stateOf } from "./words";

const STATES = { waiting: "To decide", approved: "Approved", rejected: "Declined", all: "All" };

/** What advocates did, with its proof, and what a yes gives. */
export function Acts({ program, bounties }: { program: string; bounties: Bounty[] }) {
  const { params } = useAddress();
  const now = useNow(60_000);
  const mayWrite = useKnownSession().may.includes("programs.write");
  const state = params.get("state") ?? "waiting";
  const query = useActs(program, { state: state === "all" ? "" : state });
  const [adding, setAdding] = useState(false);
  const id = params.get("id") ?? "";
  const chosen = query.data?.pages.flatMap((page) => page.rows).find((row) => row.id === id);
  const name = (slug: string) => bounties.find((one) => one.slug === slug)?.name ?? words(slug.replaceAll("-", " "));
  const columns: Column<Act>[] = [
    { key: "who", head: "Advocate", width: "minmax(0, 1fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.advocate || "Erased"}</span>} below={row.email} /> },
    { key: "act", head: "What they did", width: "minmax(0, 0.9fr)", phone: "sub", cell: (row) => <span className="clip">{name(row.bounty)}{row.number > 1 && <span className="muted"> (number {row.number})</span>}</span> },
    { key: "proof", head: "Proof", width: "minmax(0, 1.2fr)", cell: (row) => <span className="clip muted">{row.proof || "none was asked for"}</span> },
    { key: "state", head: "State", width: "104px", phone: "side", cell: (row) => <Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge> },
    { key: "at", head: "Handed in", width: "104px", align: "right", phone: "sub", cell: (row) => <span className="small muted num">{ago(row.submitted_at, now)}</span> },
  ];
  const add = mayWrite && bounties.length > 0 && <button className="btn small" onClick={() => setAdding(true)}><Icon name="plus" size={14} />Hand one in</button>;
  return (
    <>
      <StateBar label="Acts" states={STATES} state={state} path={`/api/programs/${program}/submissions`}>{add}</StateBar>
      <Rows
        label="Acts" columns={columns} query={query} rowKey={(row) => row.id} onOpen={(row) => setParams({ id: row.id })} openKey={id}
        empty={bounties.length === 0 ? <Empty icon="megaphone" title="This program asks for no acts" actions={<Link className="btn" to={`/programs/${program}`}>Open the program</Link>}>A program can ask for a review, a case study, a reference call or a talk, and reward it when you have seen the proof.</Empty>
          : state === "waiting" ? <Empty icon="megaphone" title="No act waits" actions={<button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>}>What an advocate did is handed in here, or over the API, and waits for somebody who looks at the proof.</Empty>
            : <Empty icon="megaphone" title="None of these" actions={state !== "all" && <button className="btn" onClick={() => setParams({ state: "all" })}>Show all</button>} />}
      />
      {chosen && <ActSheet key={chosen.id} row={chosen} name={name(chosen.bounty)} onClose={() => setParams({ id: null })} />}
      {adding && <HandIn program={program} bounties={bounties} onClose={() => setAdding(false)} />}
    </>
  );
}

const given = (one: ActDetail["gives"][number]): string => (one.minor > 0 && !one.label.match(/\d/) ? `${one.label}, ${money(one.minor, one.currency)}` : one.label);

function ActSheet({ row, name, onClose }: { row: Act; name: string; onClose: () => void }) {
  const query = useAct(row.id);
  const mayDecide = useKnownSession().may.includes("rewards.decide");
  const review = useReviewAct();
  const [saysNo, setSaysNo] = useState(false);
  const waits = row.state === "waiting";
  const gives = (query.data?.gives ?? []).map(given).join(" and ");
  const yes = () => review.mutate({ id: row.id, verdict: "approved", reason: "" }, { onSuccess: () => { toast("good", "The act is approved", { detail: gives ? `${gives} for ${row.advocate} stands in Money now, held until its time is over.` : "It gives no reward.", ...(gives ? { action: { label: "Open Money", run: () => navigate("/payouts") } } : {}) }); onClose(); } });
  const no = (reason: string) => review.mutate({ id: row.id, verdict: "rejected", reason }, { onSuccess: () => { toast("plain", "The act was declined", { detail: `Nothing is paid. ${reason}` }); onClose(); } });
  return (
    <Sheet
      title={name} note={row.advocate ? `${row.advocate}, ${row.email}` : "The advocate was erased"} onClose={onClose}
      foot={waits && (mayDecide ? <><button className="btn primary" disabled={review.isPending || !query.data} onClick={yes}><Icon name="check" size={15} />{gives ? "Approve and reward" : "Approve"}</button><button className="btn danger" disabled={review.isPending} onClick={() => setSaysNo(true)}>Decline</button></> : <p className="small muted">Your role reads acts; whoever decides about rewards approves them.</p>)}
    >
      <div className={css.body}>
        {!saysNo && <Wrong failure={review.error} />}
        <section className={css.section}>
          <h3>The proof</h3>
          {row.proof === "" ? <p className="small muted">None was asked for.</p> : <p className={css.proof}>{isLink(row.proof) ? <a className="link" href={row.proof} target="_blank" rel="noreferrer noopener nofollow">{row.proof} <Icon name="external-link" size={13} label="(opens a new window)" /></a> : row.proof}</p>}
        </section>
        <Loaded query={query} bones={<Bones rows={2} />}>
          {(found) => (
            <section className={css.section}>
              <h3>{waits ? "What a yes gives" : "What the program gives for it"}</h3>
              {found.gives.length > 0 && <div className={css.happens}><Icon name="gift" size={15} /><ul>{found.gives.map((one) => <li key={one.label}><b>{given(one)}</b>{one.how && !one.label.includes(one.how) && <span className="muted">, {one.how}</span>}</li>)}</ul></div>}
              {found.refused.map((one) => <p key={one} className={css.happens} data-tone="warn"><Icon name="triangle-alert" size={15} /><span>{one}</span></p>)}
              {found.gives.length === 0 && found.refused.length === 0 && <p className="small muted">No rule of their group rewards this act: a yes is noted and gives nothing.</p>}
              {waits && found.gives.length > 0 && <p className="small muted">It is given once, is held first, and is then approved like any reward.</p>}
            </section>
          )}
        </Loaded>
        <dl>
          <Fact name="State"><Badge tone={stateOf(row.state).tone}>{stateOf(row.state).name}</Badge> {row.decided_at && <span className="muted">{moment(row.decided_at)} by {row.decided_by}</span>}</Fact>
          {row.reason && <Fact name="Reason">{row.reason}</Fact>}
          <Fact name="Handed in">{moment(row.submitted_at)}</Fact>
        </dl>
      </div>
      {saysNo && <NoBox title="Decline this act?" note={`Nothing is paid. The reason is kept with it, worded for ${row.advocate}; the act can be handed in again.`} button="Decline" busy={review.isPending} failure={review.error} onClose={() => setSaysNo(false)} onSay={no} />}
    </Sheet>
  );
}

function HandIn({ program, bounties, onClose }: { program: string; bounties: Bounty[]; onClose: () => void }) {
  const send = useHandIn(program);
  const [who, setWho] = useState<Member | null>(null);
  const [slug, setSlug] = useState(bounties[0]?.slug ?? "");
  const [proof, setProof] = useState("");
  const bounty = bounties.find((one) => one.slug === slug);
  const kind = bounty?.proof ?? "link";
  const go = () => who && send.mutate({ bounty: slug, advocate_id: who.id, proof: proof.trim() }, { onSuccess: (made) => { toast("good", `Handed in for ${who.name}`, { detail: "It waits for somebody to look at it; nothing is paid before." }); onClose(); setParams({ state: null, id: made.id }); } });
  return (
    <Box title="Hand an act in for an advocate" onClose={onClose} foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!who?.accepted || !slug || (kind !== "none" && !proof.trim()) || send.isPending} onClick={go}>Hand it in</button></>}>
      <AdvocateField program={program} value={who} onChange={setWho} />
      {who && !who.accepted && <p className={css.wrong} role="alert">{who.name} has not accepted the terms yet, so nothing can be handed in for them. They do that on their page.</p>}
      <label><span className="label">What they did</span><select className="field" value={slug} onChange={(event) => setSlug(event.target.value)}>{bounties.map((one) => <option key={one.slug} value={one.slug}>{one.name}</option>)}</select></label>
      {bounty?.about && <p className="small muted">{bounty.about}</p>}
      <label><span className="label">Proof: {PROOFS[kind]}</span>{kind === "link" ? <input className="field" type="url" inputMode="url" placeholder="https://" value={proof} maxLength={4000} onChange={(event) => setProof(event.target.value)} /> : <textarea className="field" rows={3} value={proof} maxLength={4000} onChange={(event) => setProof(event.target.value)} />}</label>
      <Wrong failure={send.error} />
    </Box>
  );
}
