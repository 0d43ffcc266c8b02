import { useId, useState } from "react";

import type { Member } from "../api/taking";
import { useMembers } from "../api/takingQueries";
import css from "./advocates.module.css";
import { useSettled } from "./hooks";
import { Avatar, SearchField } from "./ui";

/** Finds an advocate by name or address, of one program or of any. */
export function AdvocateField({ program = "", value, onChange, label = "Advocate" }: { program?: string; value: Member | null; onChange: (one: Member | null) => void; label?: string }) {
  const [text, setText] = useState("");
  const id = useId();
  const q = useSettled(text.trim());
  const query = useMembers(q, program);
  const rows = query.data?.pages[0]?.rows ?? [];
  return (
    <div className={css.field} role="group" aria-labelledby={id}>
      <span className="label" id={id}>{label}</span>
      {value ? (
        <p className={css.chosen}><Who one={value} where={program ? value.group_name : value.program_name} /><button type="button" className="btn small" onClick={() => onChange(null)}>Change</button></p>
      ) : (
        <>
          <SearchField wide value={text} onChange={setText} label="Name or e-mail" />
          <ul className={css.found} aria-label="Advocates found">
            {rows.map((one) => <li key={one.id}><button type="button" onClick={() => onChange(one)}><Who one={one} where={program ? one.group_name : one.program_name} /></button></li>)}
            {rows.length === 0 && <li className={css.none} role="status">{query.isError ? "They could not be read." : query.isFetching ? "Looking" : q ? "Nobody of this name takes part." : "Nobody takes part yet."}</li>}
          </ul>
        </>
      )}
    </div>
  );
}

function Who({ one, where }: { one: Member; where: string }) {
  return <><Avatar name={one.name} size={26} /><span className={css.who}><span className="clip strong">{one.name}</span><span className="clip small muted">{one.email}, {where}</span></span></>;
}
