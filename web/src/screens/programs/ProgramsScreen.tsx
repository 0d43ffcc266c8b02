import { useProgramRows } from "../../api/programQueries";
import type { ProgramRow } from "../../api/programs";
import { count, words } from "../../format";
import { Icon } from "../../parts/icons";
import { Empty, Loaded } from "../../parts/states";
import { Badge, PageHead, Scroll, toneOf } from "../../parts/ui";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import { TakingLink } from "./TakingLink";
import css from "./programs.module.css";
import { KINDS } from "./words";

/** The rules of each program as sentences a lawyer and an advocate read alike. */
export default function ProgramsScreen() {
  const query = useProgramRows();
  const mayWrite = useKnownSession().may.includes("programs.write");
  const fresh = mayWrite && <Link className="btn primary" to="/programs/new"><Icon name="plus" size={15} />New program</Link>;
  return (
    <>
      <PageHead title="Programs" note="Who earns what for which customer">{fresh}</PageHead>
      <Scroll label="Programs">
        <Loaded query={query}>
          {({ rows }) => rows.length === 0 ? (
            <Empty icon="handshake" title="No program yet" actions={fresh}>A program says who may be asked, what they earn, and when it is paid. Start from a template and change its sentences.</Empty>
          ) : (
            <div className={css.page}>{rows.map((program) => <Program key={program.id} program={program} />)}</div>
          )}
        </Loaded>
      </Scroll>
    </>
  );
}

const sentenceOf = ({ name, sentence }: ProgramRow["groups"][number]): string => { const text = sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence; return text.charAt(0).toUpperCase() + text.slice(1); };

function Program({ program }: { program: ProgramRow }) {
  const rules = program.groups.length > 0 ? program.sentences.slice(program.groups.length) : program.sentences;
  return (
    <article className={css.program} aria-label={program.name}>
      <header className={css.programHead}>
        <h2 className={css.name}><Link to={`/programs/${program.slug}`} className={css.open}>{program.name}</Link></h2>
        <Badge tone={toneOf(program.state)}>{words(program.state)}</Badge>
        {program.waiting != null && <Badge tone="warn" icon="users">Version {program.waiting} waits for a second person</Badge>}
        {program.draft != null && program.waiting == null && <Badge tone="honey" icon="pencil">Draft {program.draft}</Badge>}
        <span className="grow" />
        <TakingLink slug={program.slug} quiet />
        <span className="small muted num">{KINDS[program.kind] ?? ""}{program.kind && program.version > 0 ? ", " : ""}{program.version > 0 && `version ${program.version}`}</span>
      </header>
      {program.groups.length > 0 && (
        <ul className={css.groups}>
          {program.groups.map((group) => (
            <li key={group.id} className={css.group}>
              <p className="row"><b className="grow clip">{group.name}</b><span className="small muted num">{count(group.advocates)} {group.advocates === 1 ? "advocate" : "advocates"}</span></p>
              <p className="small muted">{sentenceOf(group)}</p>
              <ul className={css.offers}>{group.offers.slice(0, 3).map((offer) => <li key={offer.id}><Badge tone="honey">{offer.label}</Badge></li>)}{group.offers.length > 3 && <li className="small muted">and {group.offers.length - 3} more</li>}</ul>
            </li>
          ))}
        </ul>
      )}
      {rules.length > 0 && <ul className={css.sentences}>{rules.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>}
    </article>
  );
}
