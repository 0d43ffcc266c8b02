import { useState } from "react";

import type { Persona } from "../../api/contract";
import { useCompany, useNeighbourhood, usePersona } from "../../api/queries";
import { ago, count, day, money, words } from "../../format";
import { NeighbourhoodView } from "../../graph/NeighbourhoodView";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Bones, Loaded } from "../../parts/states";
import { toast } from "../../parts/toast";
import { Tabs } from "../../parts/tabs";
import { Avatar, Badge, Fact, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { SourcesTab } from "../records/SourcesTab";
import { Changes } from "./Changes";
import { Decisions, Moments } from "./PersonaMoments";
import css from "./persona.module.css";
import { PortraitCard } from "./Portrait";
import { ReadinessCard } from "./ReadinessCard";
import { Timeline } from "./Timeline";

/** One person as every source knows them, and what followed from it. */
export default function PersonaScreen({ id }: { id: string }) {
  const query = usePersona(id);
  return (
    <Scroll label="Person">
      <div className={css.back}><Link className="btn quiet small" to="/people"><Icon name="chevron-left" size={14} />People</Link></div>
      <Loaded query={query} bones={<Bones rows={6} />}>{(persona) => <Page persona={persona} />}</Loaded>
    </Scroll>
  );
}

type TabKey = "overview" | "changes" | "sources";
const PANELS: Record<TabKey, string> = { overview: "Overview", changes: "What changed", sources: "Sources" };

function Page({ persona }: { persona: Persona }) {
  const { params } = useAddress();
  const wanted = params.get("tab") ?? "";
  const tab = (wanted in PANELS ? wanted : "overview") as TabKey;
  return (
    <div className={css.page}>
      <Identity persona={persona} />
      <div className={css.tabs}>
        <Tabs<TabKey>
          label="About this person" value={tab} panel="person-panel" onChange={(key) => setParams({ tab: key === "overview" ? null : key })}
          tabs={[{ key: "overview", label: "Overview" }, { key: "changes", label: "What changed" }, { key: "sources", label: "Sources", count: persona.records.length }]}
        />
      </div>
      <div id="person-panel" role="tabpanel" aria-label={PANELS[tab]}>
        {tab === "sources" ? <SourcesTab whose="personas" id={persona.id} name={persona.name} /> : tab === "changes" ? <Changes id={persona.id} name={persona.name} /> : <OverviewTab persona={persona} />}
      </div>
    </div>
  );
}

function OverviewTab({ persona }: { persona: Persona }) {
  return (
    <>
      <PortraitCard persona={persona} />
      <div className={css.ready}><ReadinessCard id={persona.id} /></div>
      <Records persona={persona} />
      <div className={css.columns}>
        <div className={css.wide}>
          <Surroundings id={persona.id} name={persona.name} />
          <section>
            <h2 className={css.title}>Moments</h2>
            <Moments moments={persona.moments} persona={persona.id} />
          </section>
          <section>
            <h2 className={css.title}>Decisions</h2>
            <Decisions decisions={persona.decisions} />
          </section>
          <section>
            <h2 className={css.title}>Timeline</h2>
            <Timeline id={persona.id} first={persona.timeline} />
          </section>
        </div>
        <aside className={css.side} aria-label="Identity and links">
          <Advocate persona={persona} />
          {persona.company && <CompanyCard id={persona.company.id} self={persona.id} />}
        </aside>
      </div>
    </>
  );
}

function Identity({ persona }: { persona: Persona }) {
  const role = [persona.title, persona.department].filter(Boolean).join(", ");
  return (
    <header className={css.identity}>
      <Avatar name={persona.name} size={56} />
      <div className="grow">
        <h1>{persona.name}</h1>
        <p className="muted">{role || "Title not known"}{persona.company && <> at <Link className="link" to={`/companies/${persona.company.id}`}>{persona.company.name}</Link></>}</p>
        <p className="row wrap" style={{ marginTop: 8 }}>
          {persona.email && <Badge icon="mail">{persona.email}</Badge>}
          {persona.seniority && <Badge>{words(persona.seniority)}</Badge>}
          {persona.company?.segment && <Badge tone="info">{words(persona.company.segment)}</Badge>}
          {persona.advocate && <Badge tone="honey" icon="gift">Advocate</Badge>}
        </p>
      </div>
    </header>
  );
}

function Surroundings({ id, name }: { id: string; name: string }) {
  const [validAt, setValidAt] = useState("");
  const query = useNeighbourhood(id, validAt ? `${validAt}T23:59:59Z` : "");
  return (
    <section>
      <div className={css.titleRow}>
        <h2 className={css.title}>What surrounds {name}</h2>
        <Link className="link small" to={`/graph?centre=${id}`} style={{ marginRight: "auto" }}>Open in the graph</Link>
        <label className={css.asOf}>
          <span>As of</span>
          <input type="date" className="field" value={validAt} max={new Date().toISOString().slice(0, 10)} onChange={(event) => setValidAt(event.target.value)} />
        </label>
      </div>
      <Loaded query={query} bones={<Bones rows={4} />}>{(data) => <NeighbourhoodView data={data} wide />}</Loaded>
    </section>
  );
}

function Records({ persona }: { persona: Persona }) {
  const many = persona.records.length > 1;
  return (
    <section>
      <div className={css.titleRow}><h2 className={css.title}>{many ? `${persona.records.length} records, one person` : "One record"}</h2>{many && <Link className="link small" to={`/people/${persona.id}?tab=sources`}>Compare them, or part them</Link>}</div>
      <ul className={css.records}>
        {persona.records.map((record) => (
          <li key={`${record.source}/${record.ext_id}`}>
            <div className="row">
              <b className="grow clip">{words(record.source)}</b>
              <span className="tiny muted">{day(record.first_seen_at)} to {day(record.last_seen_at)}</span>
            </div>
            <code className="mono clip muted" title={record.ext_id}>{record.ext_id}</code>
            <p className="small"><Icon name="network" size={13} /><span>{record.because}</span></p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Advocate({ persona }: { persona: Persona }) {
  const { workspace } = useKnownSession();
  const advocate = persona.advocate;
  if (!advocate) {
    return (
      <section className="card pad">
        <h2>Not an advocate yet</h2>
        <p className="small muted" style={{ marginTop: 4 }}>A referral link is made when a first ask is approved.</p>
      </section>
    );
  }
  const copy = () => {
    void navigator.clipboard.writeText(advocate.link).then(
      () => toast("good", "Link copied"),
      () => toast("bad", "The browser refused to copy", { detail: advocate.link }),
    );
  };
  return (
    <section className="card pad">
      <h2>Referral link and rewards</h2>
      <div className={css.linkBox}>
        <span className="mono clip grow">{advocate.link}</span>
        <button className="btn small square" aria-label="Copy the referral link" onClick={copy}><Icon name="copy" size={14} /></button>
      </div>
      <dl>
        <Fact name="Referrals"><Link className="link num" to="/referrals">{count(advocate.referrals)}</Link></Fact>
        <Fact name="Rewards"><span className="num">{money(advocate.rewards_minor, workspace.currency)}</span></Fact>
        <Fact name="Portal">{advocate.portal_ready ? "Terms accepted" : "Terms not accepted yet"}</Fact>
      </dl>
    </section>
  );
}

function CompanyCard({ id, self }: { id: string; self: string }) {
  const query = useCompany(id);
  const now = useNow(60_000);
  if (!query.data) return null;
  const company = query.data;
  const others = company.personas.filter((one) => one.id !== self);
  return (
    <section className="card pad">
      <h2><Link to={`/companies/${id}`}>{company.name}</Link></h2>
      <p className="small muted">{[company.domain, company.industry && words(company.industry), company.segment && words(company.segment)].filter(Boolean).join(" · ")}</p>
      <p style={{ marginTop: 8 }}>
        {company.open_incidents > 0
          ? <Badge tone="bad" icon="ban">{company.open_incidents} open escalation{company.open_incidents > 1 ? "s" : ""}: nobody here is asked</Badge>
          : <Badge tone="good" icon="check">No open escalation</Badge>}
      </p>
      {others.length > 0 && (
        <ul className={css.colleagues} aria-label={`Others at ${company.name}, read ${ago(new Date(query.dataUpdatedAt).toISOString(), now)}`}>
          {others.slice(0, 6).map((one) => (
            <li key={one.id}><Link to={`/people/${one.id}`}><Avatar name={one.name} size={24} /><span className="clip">{one.name}</span><span className="clip small muted">{one.title}</span></Link></li>
          ))}
          {others.length > 6 && <li><Link className="link small" to={`/people?company=${id}`}>All {others.length}</Link></li>}
        </ul>
      )}
    </section>
  );
}
