import { useState } from "react";

import { useCreateProgram, useProgramRows, useTemplates } from "../../api/programQueries";
import type { GroupForm, ProgramForm, Template } from "../../api/programs";
import { Icon } from "../../parts/icons";
import { Loaded } from "../../parts/states";
import { toastProblem } from "../../parts/toast";
import { Badge, PageHead, Scroll } from "../../parts/ui";
import { Link, navigate } from "../../router";
import { useKnownSession } from "../../session";
import css from "./builder.module.css";
import { KINDS, slugOf } from "./words";

/** What a new program starts from. Nothing is in force until it is published. */
/** What a group is given, in a line; the whole of it stands in the program once it is made. */
function given({ offers }: GroupForm): string {
  const more = offers.length - 1;
  return `${offers[0]?.label ?? ""}${more > 0 ? `, or ${more === 1 ? "one other" : `${more} others`}` : ""}`;
}

export default function NewProgramScreen() {
  const query = useTemplates();
  const taken = useProgramRows().data?.rows.map((one) => one.slug) ?? [];
  const mayWrite = useKnownSession().may.includes("programs.write");
  const create = useCreateProgram();
  const [chosen, setChosen] = useState("");
  const start = (template: Template) => {
    setChosen(template.slug);
    const slug = slugOf(template.name, taken);
    const file: ProgramForm = { ...template.file, slug, version: 1, name: taken.includes(template.slug) ? `${template.name} 2` : template.name };
    create.mutate(file, { onSuccess: (made) => navigate(`/programs/${made.slug}`), onError: (failure) => { setChosen(""); toastProblem("The program was not made", failure); } });
  };
  return (
    <>
      <PageHead title="New program" note="Choose what it is nearest to; every word can be changed"><Link className="btn" to="/programs">Cancel</Link></PageHead>
      <Scroll label="Templates">
        <div className={css.page}>
          {!mayWrite && <p className={css.todo}>Your role reads programs; another role makes them.</p>}
          <Loaded query={query}>
            {({ rows }) => (
              <div className={css.templates}>
                {rows.map((one) => (
                  <button key={one.slug} className={css.template} disabled={!mayWrite || create.isPending} onClick={() => start(one)}>
                    <span className="row"><b className="grow" style={{ fontSize: 15 }}>{one.name}</b>{chosen === one.slug ? <Badge tone="honey">Making it</Badge> : <Icon name="arrow-right" size={15} />}</span>
                    <span className="small muted">{one.about || KINDS[one.kind]}</span>
                    <ul>{one.file.groups.map((group) => <li key={group.slug}>{group.name}: {given(group)}</li>)}</ul>
                  </button>
                ))}
              </div>
            )}
          </Loaded>
        </div>
      </Scroll>
    </>
  );
}
