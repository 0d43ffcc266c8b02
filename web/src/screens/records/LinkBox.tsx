import { useState } from "react";

import { useRecords } from "../../api/identityQueries";
import type { OwnRecord } from "../../api/identity";
import { usePersonas } from "../../api/queries";
import { words } from "../../format";
import { useSettled } from "../../parts/hooks";
import { Box } from "../../parts/sheet";
import { Avatar, SearchField } from "../../parts/ui";
import css from "./records.module.css";

/** Finds the other person, then the record of theirs that belongs here. */
export function LinkBox({ id, name, onClose, onLink }: { id: string; name: string; onClose: () => void; onLink: (record: OwnRecord) => void }) {
  const [text, setText] = useState("");
  const [other, setOther] = useState<{ id: string; name: string } | null>(null);
  const [record, setRecord] = useState<OwnRecord | null>(null);
  const q = useSettled(text.trim());
  const people = usePersonas({ q, limit: "12" }).data?.pages[0]?.rows.filter((row) => row.id !== id) ?? [];
  return (
    <Box
      title={`Which record is ${name} too?`} onClose={onClose}
      foot={
        <>
          {other && <button className="btn" onClick={() => { setOther(null); setRecord(null); }}>Another person</button>}
          <button className="btn" onClick={onClose}>Cancel</button>
          <button className="btn primary" disabled={!record} onClick={() => record && onLink(record)}>Join</button>
        </>
      }
    >
      {!other ? (
        <>
          <SearchField wide value={text} onChange={setText} label="Name, e-mail, company" />
          <ul className={css.pick}>
            {people.map((row) => (
              <li key={row.id}><button onClick={() => setOther({ id: row.id, name: row.name })}><Avatar name={row.name} size={28} /><span className="grow" style={{ minWidth: 0 }}><span className="clip strong">{row.name}</span><span className="clip small muted">{[row.email, row.company?.name].filter(Boolean).join(", ")}</span></span></button></li>
            ))}
            {people.length === 0 && <li className="small muted" style={{ padding: 14 }}>{q ? "Nobody matches." : "Type a name to begin."}</li>}
          </ul>
        </>
      ) : <Records id={other.id} name={other.name} chosen={record} onChoose={setRecord} />}
      <p className="small muted">It can be unmerged again at any time, and every event goes with its record.</p>
    </Box>
  );
}

function Records({ id, name, chosen, onChoose }: { id: string; name: string; chosen: OwnRecord | null; onChoose: (record: OwnRecord) => void }) {
  const query = useRecords("personas", id);
  return (
    <>
      <p className="small">Records of {name}</p>
      <ul className={css.pick}>
        {(query.data?.rows ?? []).map((record) => (
          <li key={record.id}>
            <button aria-pressed={chosen?.id === record.id} onClick={() => onChoose(record)}>
              <span className="grow" style={{ minWidth: 0 }}><span className="clip strong">{words(record.source)}</span><span className="clip small muted mono">{record.ext_id}</span></span>
            </button>
          </li>
        ))}
        {query.isPending && <li className="small muted" style={{ padding: 14 }}>Looking</li>}
        {query.isError && <li className="small bad" style={{ padding: 14 }} role="alert">The records could not be read.</li>}
      </ul>
    </>
  );
}
