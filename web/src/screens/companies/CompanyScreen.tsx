import type { Company } from "../../api/contract";
import { useCompany } from "../../api/queries";
import { count, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Avatar, Badge, Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import css from "../people/persona.module.css";
import { SourcesTab } from "../records/SourcesTab";
import { BuyingGroup } from "./BuyingGroup";

type TabKey = "people" | "buying" | "sources";
const PANELS: Record<TabKey, string> = { people: "People", buying: "Buying group", sources: "Sources" };

/** One company as every source knows it, and who is known there. */
export default function CompanyScreen({ id }: { id: string }) {
  const query = useCompany(id);
  const { params } = useAddress();
  const wanted = params.get("tab") ?? "";
  const tab = (wanted in PANELS ? wanted : "people") as TabKey;
  return (
    <Scroll label="Company">
      <div className={css.back}><Link className="btn quiet small" to="/people"><Icon name="chevron-left" size={14} />People</Link></div>
      <Loaded query={query} bones={<Bones rows={6} />}>
        {(company) => (
          <div className={css.page}>
            <Identity company={company} />
            <div className={css.tabs}><Tabs<TabKey> label="About this company" value={tab} panel="company-panel" onChange={(key) => setParams({ tab: key === "people" ? null : key })} tabs={[{ key: "people", label: "People", count: company.personas.length }, { key: "buying", label: "Buying group" }, { key: "sources", label: "Sources" }]} /></div>
            <div id="company-panel" role="tabpanel" aria-label={PANELS[tab]}>
              {tab === "sources" ? <SourcesTab whose="companies" id={id} name={company.name} /> : tab === "buying" ? <BuyingGroup id={id} name={company.name} /> : <Staff company={company} />}
            </div>
          </div>
        )}
      </Loaded>
    </Scroll>
  );
}

function Identity({ company }: { company: Company }) {
  return (
    <header className={css.identity}>
      <Avatar name={company.name} size={56} />
      <div className="grow">
        <h1>{company.name}</h1>
        <p className="muted">{[company.domain, company.industry && words(company.industry)].filter(Boolean).join(" · ") || "Domain not known"}</p>
        <p className="row wrap" style={{ marginTop: 8 }}>
          {company.segment && <Badge tone="info">{words(company.segment)}</Badge>}
          {company.open_incidents > 0
            ? <Badge tone="bad" icon="ban">{count(company.open_incidents)} open escalation{company.open_incidents > 1 ? "s" : ""}: nobody here is asked</Badge>
            : <Badge tone="good" icon="check">No open escalation</Badge>}
        </p>
      </div>
      <Link className="btn small" to={`/graph?centre=${company.id}`}><Icon name="waypoints" size={14} />Open in the graph</Link>
    </header>
  );
}

function Staff({ company }: { company: Company }) {
  if (company.personas.length === 0) return <Empty icon="users" title="Nobody is known here yet">People appear here when a source says that they work at {company.name}.</Empty>;
  return (
    <ul className={css.list}>
      {company.personas.map((one) => (
        <li key={one.id}><Link className={css.line} to={`/people/${one.id}`}><Avatar name={one.name} /><span className="grow"><span className="strong clip">{one.name}</span><span className={css.sub}>{one.title || "Title not known"}</span></span><Icon name="chevron-right" size={14} /></Link></li>
      ))}
    </ul>
  );
}
