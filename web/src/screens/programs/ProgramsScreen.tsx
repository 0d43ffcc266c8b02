import { usePrograms } from "../../api/queries";
import { count, words } from "../../format";
import { Empty, Loaded } from "../../parts/states";
import { Badge, PageHead, Scroll, toneOf } from "../../parts/ui";
import css from "./programs.module.css";

/** The rules of each program as sentences a lawyer and an advocate read alike. */
export default function ProgramsScreen() {
  const query = usePrograms();
  return (
    <>
      <PageHead title="Programs" note="Read only: rules change through a new version" />
      <Scroll label="Programs">
        <Loaded query={query}>
          {({ rows }) => rows.length === 0 ? (
            <Empty icon="handshake" title="No program yet">A program says who may be asked, for what, within which limits. The library offers ready ones.</Empty>
          ) : (
            <div className={css.page}>
              {rows.map((program) => (
                <article key={program.id} className={css.program}>
                  <header className="row">
                    <h2 className={css.name}>{program.name}</h2>
                    <Badge tone={toneOf(program.state)}>{words(program.state)}</Badge>
                    <span className="small muted num">version {program.version}</span>
                  </header>
                  <ul className={css.sentences}>{program.sentences.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
                  <h3 className={css.sub}>Groups and what each is offered</h3>
                  <div className={css.groups}>
                    {program.groups.map((group) => (
                      <section key={group.id} className={css.group}>
                        <header className="row">
                          <h4 className="grow">{group.name}</h4>
                          <span className="small muted num">{count(group.advocates)} {group.advocates === 1 ? "advocate" : "advocates"}</span>
                        </header>
                        <p className="small muted">{group.sentence}</p>
                        <ul className={css.offers}>
                          {group.offers.map((offer) => <li key={offer.id}><Badge tone="honey">{offer.label}</Badge><span className="small">{offer.sentence}</span></li>)}
                        </ul>
                      </section>
                    ))}
                  </div>
                </article>
              ))}
            </div>
          )}
        </Loaded>
      </Scroll>
    </>
  );
}
