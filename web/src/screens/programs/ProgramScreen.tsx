import { useProgram } from "../../api/programQueries";
import type { ProgramDetail, ProgramForm } from "../../api/programs";
import { words } from "../../format";
import { Icon } from "../../parts/icons";
import { Add } from "../../parts/inline";
import { Bones, Failure, Loaded } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { Badge, PageHead, Scroll, toneOf } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import { useDraft } from "./autosave";
import css from "./builder.module.css";
import { GroupCard } from "./GroupCard";
import { addGroup, withGroup } from "./model";
import { PublishBar } from "./PublishBar";
import { Simulate } from "./Simulate";
import { TakingLink } from "./TakingLink";
import { TermsCard } from "./TermsCard";
import { Versions } from "./Versions";
import { WaitingBox } from "./WaitingBox";
import { KINDS, missing } from "./words";
import { YamlTab } from "./YamlTab";

const TABS = ["simulate", "versions", "yaml"] as const;
type TabKey = "" | (typeof TABS)[number];

/** One program: its rules as sentences, tried on the past, published by two, and taken back. */
export default function ProgramScreen({ slug }: { slug: string }) {
  const query = useProgram(slug);
  if (query.data === undefined) return <><PageHead title="Program" />{query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={6} tall />}</>;
  // What is live, or waits, makes another page; a draft of one's own does not.
  return <Loaded query={query}>{(program) => <Page key={`${program.slug}/${program.version}/${program.pending?.version ?? 0}`} program={program} />}</Loaded>;
}

function Page({ program }: { program: ProgramDetail }) {
  const { params } = useAddress();
  const mayWrite = useKnownSession().may.includes("programs.write");
  const draft = useDraft(program);
  const wanted = params.get("tab") ?? "";
  const tab = (TABS.find((one) => one === wanted) ?? "") as TabKey;
  const drafted = draft.version !== null || draft.keeping.state !== "same";
  const open = missing(draft.form);
  return (
    <>
      <Scroll label="Program">
        <div className={css.page}>
          <header className={css.head}>
            <Link className="btn quiet small" to="/programs"><Icon name="chevron-left" size={14} />Programs</Link>
            <div className={css.titleRow}>
              <h1 className="sr">{draft.form.name}</h1>
              <input className={css.name} aria-label="Name of the program" value={draft.form.name} disabled={!mayWrite} maxLength={100} onChange={(event) => draft.change({ ...draft.form, name: event.target.value })} />
              <Badge tone={toneOf(program.state)}>{words(program.state)}</Badge>
              {program.version > 0 && <span className="small muted num">version {program.version} is in force</span>}
              {draft.form.kind && KINDS[draft.form.kind] && <Badge>{KINDS[draft.form.kind]}</Badge>}
              <span className="grow" />
              <TakingLink slug={program.slug} />
            </div>
            {!mayWrite && <p className="small muted">Your role reads programs; another role changes them.</p>}
          </header>
          {program.pending && <WaitingBox slug={program.slug} waiting={program.pending} />}
          <Tabs<TabKey>
            label="About this program" value={tab} panel="program-panel" onChange={(key) => setParams({ tab: key || null })}
            tabs={[{ key: "", label: "Rules" }, { key: "simulate", label: "Try it on the past" }, { key: "versions", label: "Versions", count: program.versions.length }, { key: "yaml", label: "As a file" }]}
          />
          <div id="program-panel" role="tabpanel" aria-label={{ "": "Rules", simulate: "Try it on the past", versions: "Versions", yaml: "As a file" }[tab]}>
            {tab === "" && <Rules program={program} form={draft.form} mayWrite={mayWrite} onChange={draft.change} open={drafted ? open : []} />}
            {tab === "simulate" && <Simulate program={program} open={open} flush={draft.flush} />}
            {tab === "versions" && <Versions program={program} mayWrite={mayWrite} />}
            {tab === "yaml" && <YamlTab program={program} version={draft.version ?? program.version} mayWrite={mayWrite} onImported={draft.change} />}
          </div>
        </div>
      </Scroll>
      {drafted && mayWrite && !program.pending && <PublishBar program={program} keeping={draft.keeping} flush={draft.flush} version={draft.version} open={open} tab={tab} />}
    </>
  );
}

function Rules({ program, form, mayWrite, onChange, open }: { program: ProgramDetail; form: ProgramForm; mayWrite: boolean; onChange: (next: ProgramForm) => void; open: string[] }) {
  const move = (at: number, step: number) => {
    const groups = [...form.groups];
    const [one] = groups.splice(at, 1);
    if (one) groups.splice(at + step, 0, one);
    onChange({ ...form, groups });
  };
  const everybodyElse = (at: number) => {
    const one = form.groups[at];
    const others = form.groups.filter((_, i) => i !== at).map((group) => (group.conditions.default ? { ...group, conditions: {} } : group));
    if (one) onChange({ ...form, groups: [...others, { ...one, conditions: { default: true } }] });
  };
  return (
    <div className={css.groups}>
      <p className="small muted">The first group that fits is the one that counts. Change any marked word; it is kept as a draft until it is published.</p>
      {open.length > 0 && <ul className={css.todo} aria-label="Still missing">{open.map((one) => <li key={one}>{one}</li>)}</ul>}
      {form.groups.map((group, i) => (
        <GroupCard
          key={group.slug} group={group} number={i + 1} of={form.groups.length} currency={form.terms.currency} mayWrite={mayWrite}
          advocates={program.groups.find((one) => one.slug === group.slug)?.advocates ?? null}
          onChange={(next) => onChange(withGroup(form, i, next))} onRemove={() => onChange(withGroup(form, i, null))} onMove={(step) => move(i, step)} onEverybodyElse={() => everybodyElse(i)}
        />
      ))}
      {mayWrite && <div><Add onClick={() => onChange(addGroup(form))}>another group</Add></div>}
      <TermsCard form={form} mayWrite={mayWrite} onChange={onChange} />
    </div>
  );
}
