import { useState } from "react";

import { Problem } from "../../api/client";
import { useConversion, useDispute } from "../../api/courtQueries";
import type { ConversionDetail } from "../../api/court";
import { money, moment, percent, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Box } from "../../parts/sheet";
import { Bones, Failure, Loaded } from "../../parts/states";
import { TableBox } from "../../parts/table";
import { toast } from "../../parts/toast";
import { Badge, Fact, PageHead, Scroll } from "../../parts/ui";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import css from "./court.module.css";
import { Decide } from "./Decide";
import { SaleRewards } from "./SaleRewards";
import { TouchLine } from "./TouchLine";
import { creditWords, shortReason, STATES } from "./words";

/** One sale: who is credited and why, in words for both sides, and what another decision would change. */
export default function ConversionScreen({ id }: { id: string }) {
  const query = useConversion(id);
  if (query.data === undefined) return <><PageHead title="Who gets the credit" />{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={6} tall />}</>;
  return <Loaded query={query}>{(found) => <Page found={found} />}</Loaded>;
}

function Page({ found }: { found: ConversionDetail }) {
  const { may } = useKnownSession();
  const mayDecide = may.includes("rewards.decide");
  const [disputing, setDisputing] = useState(false);
  const [deciding, setDeciding] = useState(false);
  const open = found.disputes.filter((one) => one.state === "open");
  return (
    <Scroll label="Credit of this sale">
      <div className={css.page}>
        <header className={css.head}>
          <Link className="btn quiet small" to="/referrals/credit"><Icon name="chevron-left" size={14} />Who gets the credit</Link>
          <div className="row wrap">
            <h1>{found.company}, {money(found.amount_minor, found.currency)}</h1>
            <Badge tone={found.state === "disputed" ? "warn" : found.state === "decided" ? "violet" : found.state === "credited" ? "good" : "plain"}>{STATES[found.state] ?? words(found.state)}</Badge>
            <span className="grow" />
            {(mayDecide || may.includes("credit.dispute")) && <button className="btn" onClick={() => setDisputing(true)}>Record a dispute</button>}
            {mayDecide && <button className="btn primary" onClick={() => setDeciding(true)}>Decide the credit</button>}
          </div>
          <p className={css.lead}>{found.credited.length > 0 ? <>Credited to <b>{creditWords(found.credited)}</b>. </> : "Nobody is credited. "}{shortReason(found.reason)}</p>
        </header>
        {open.map((one) => <p key={one.id} className={css.dispute}><Icon name="message-square" size={15} /><span><b>{one.by} disputes this</b>, {moment(one.at)}: {one.text}</span></p>)}
        <div className={css.both}>
          <section className={css.told}><h2>What the advocate is told</h2><p>{found.for_advocate}</p></section>
          <section className={css.told}><h2>What your team is told</h2><p>{found.for_company}</p></section>
        </div>
        <section className={css.section}><h2>What led to the sale</h2><TouchLine touches={found.touches} at={found.at} /></section>
        <div className={css.both}>
          <section className={css.section}>
            <h2>How the credit was shared</h2>
            {found.shares.length === 0 ? <p className="small muted">Nobody was credited.</p> : <TableBox label="Shares" head={["Advocate", "Share", "Reward"]} right={[1, 2]} rows={found.shares.map((one) => ({ key: one.advocate.id, cells: [<>{one.advocate.name}<span className={css.under}>{shortReason(one.why)}</span></>, percent(one.share_bp / 10_000, 2), money(one.amount_minor, one.currency)] }))} />}
            <p className="small muted">{found.policy}</p>
          </section>
          <section className={css.section}>
            <h2>What it rests on</h2>
            <dl>
              <Fact name="Sale">{moment(found.at)}</Fact>
              {found.facts.map((one) => <Fact key={one.label} name={one.label}>{one.value}</Fact>)}
            </dl>
          </section>
        </div>
        <SaleRewards conversion={found.id} />
        {(found.decisions.length > 0 || found.disputes.some((one) => one.state !== "open")) && (
          <section className={css.section}>
            <h2>What was decided before</h2>
            <ul className="stack small">{found.decisions.map((one) => <li key={one.id}>{moment(one.at)}, {one.by}: {one.sentence}</li>)}{found.disputes.filter((one) => one.state !== "open").map((one) => <li key={one.id}>{moment(one.at)}, dispute by {one.by} ({words(one.state).toLowerCase()}): {one.text}{one.answer && ` Answer: ${one.answer}`}</li>)}</ul>
          </section>
        )}
      </div>
      {disputing && <DisputeBox id={found.id} onClose={() => setDisputing(false)} />}
      {deciding && <Decide found={found} onClose={() => setDeciding(false)} />}
    </Scroll>
  );
}

function DisputeBox({ id, onClose }: { id: string; onClose: () => void }) {
  const [by, setBy] = useState("");
  const [claim, setClaim] = useState("");
  const [side, setSide] = useState("advocate");
  const dispute = useDispute(id);
  const problem = dispute.error instanceof Problem ? dispute.error : null;
  return (
    <Box
      title="Record a dispute" onClose={onClose}
      foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" disabled={!by.trim() || !claim.trim() || dispute.isPending} onClick={() => dispute.mutate({ by: by.trim(), claim: claim.trim(), side }, { onSuccess: () => { toast("good", "The dispute is recorded", { detail: "What is not paid yet waits until it is decided." }); onClose(); } })}>Record it</button></>}
    >
      <p className="small muted">What is not paid yet waits until somebody decides. Nothing is taken back now.</p>
      <label><span className="label">For which side</span><select className="field" value={side} onChange={(event) => setSide(event.target.value)}><option value="advocate">An advocate</option><option value="company">The customer</option><option value="operator">Our own team</option></select></label>
      <label><span className="label">Who disputes it</span><input className="field" value={by} maxLength={200} autoFocus onChange={(event) => setBy(event.target.value)} /></label>
      <label><span className="label">What they say</span><textarea className="field" rows={3} value={claim} maxLength={1000} onChange={(event) => setClaim(event.target.value)} /></label>
      {dispute.isError && <p className={css.refused} role="alert">{problem ? `${problem.title} ${problem.detail} ${problem.advice}` : String(dispute.error)}</p>}
    </Box>
  );
}
