import { useState } from "react";

import { useCatalogue } from "../../../api/sourceQueries";
import type { Shape } from "../../../api/sources";
import { ago, count, day } from "../../../format";
import { saveCsv } from "../../../parts/export";
import { useKeys, useNow } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Bones, Empty, Loaded } from "../../../parts/states";
import { Badge, SearchField } from "../../../parts/ui";
import css from "./detail.module.css";
import { byKind, changes, usualOf } from "./shapes";

/** Every kind a source has ever sent, in every shape, the new ones first. */
export function Catalogue({ id, name }: { id: string; name: string }) {
  const query = useCatalogue(id);
  const [text, setText] = useState("");
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById("kind-search")?.focus(); } });
  return (
    <Loaded query={query} bones={<Bones rows={5} />}>
      {({ rows }) => {
        if (rows.length === 0) return <Empty icon="layers" title="Nothing is in the catalogue yet">Each kind of thing this system sends is entered here with its fields when it comes for the first time, and again whenever its shape changes.</Empty>;
        const wanted = text.trim().toLowerCase();
        const kinds = byKind(rows).filter((one) => !wanted || one.kind.toLowerCase().includes(wanted) || one.shapes.some((shape) => shape.paths.some((path) => path.path.toLowerCase().includes(wanted))));
        const fresh = rows.filter((row) => row.new).length;
        return (
          <section>
            <div className={css.titleRow}>
              <h2 className={css.title}>{count(byKind(rows).length)} kinds in {count(rows.length)} shapes{fresh > 0 && <> <Badge tone="info">{fresh} new</Badge></>}</h2>
              <span className="row">
                <SearchField id="kind-search" value={text} onChange={setText} label="Kind or field" />
                <button className="btn small" onClick={() => saveCsv(`catalogue-${name}`, rows.flatMap((row) => row.paths.map((path) => ({ kind: row.kind, shape: row.fingerprint, path: path.path, types: path.types.join(" "), rows: row.n, first_seen_at: row.first_seen_at, last_seen_at: row.last_seen_at }))))}><Icon name="download" size={14} />Export CSV</button>
              </span>
            </div>
            {kinds.map((one) => <Kind key={one.kind} kind={one.kind} shapes={one.shapes} n={one.n} isNew={one.isNew} start={kinds.length === 1} />)}
            {kinds.length === 0 && <Empty icon="search" title="No kind or field matches" actions={<button className="btn" onClick={() => setText("")}>Show all</button>} />}
          </section>
        );
      }}
    </Loaded>
  );
}

function Kind({ kind, shapes, n, isNew, start }: { kind: string; shapes: Shape[]; n: number; isNew: boolean; start: boolean }) {
  const [open, setOpen] = useState(start || (isNew && shapes.length > 1));
  const now = useNow(60_000);
  const usual = usualOf(shapes);
  const last = shapes.reduce((newest, one) => (one.last_seen_at > newest ? one.last_seen_at : newest), "");
  return (
    <div className={css.shape}>
      <button className={css.shapeHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={css.turn} data-open={open}><Icon name="chevron-right" size={14} /></span>
        <code className="mono strong">{kind}</code>
        {isNew && <Badge tone="info">new</Badge>}
        {shapes.length > 1 && <Badge tone="warn" title="The fields are not the same in all rows">{shapes.length} shapes</Badge>}
        <span className="small muted num" style={{ marginLeft: "auto" }}>{count(n)} rows, last {ago(last, now)}</span>
      </button>
      {open && usual && (
        <div className={css.shapeBody}>
          {shapes.filter((one) => one !== usual).map((one) => (
            <div key={one.fingerprint} className="stack" style={{ gap: 6 }}>
              <p className="small"><b className="strong">{one.new ? "New shape" : "Another shape"}</b> <span className="muted num">{count(one.n)} rows since {day(one.first_seen_at)}; against the usual one:</span></p>
              <p className={css.diff}>
                {changes(usual, one).slice(0, 24).map((change) => <span key={change.sign + change.path} className={css.change} data-sign={change.sign}>{change.sign} {change.text}</span>)}
                {changes(usual, one).length > 24 && <span className="small muted">and {changes(usual, one).length - 24} more</span>}
              </p>
            </div>
          ))}
          <div>
            <p className="small muted" style={{ marginBottom: 6 }}>{shapes.length > 1 ? "The usual shape" : "Its fields"}, <span className="num">{usual.paths.length}</span> since {day(usual.first_seen_at)}</p>
            <ul className={css.paths}>{usual.paths.map((path) => <li key={path.path}><code className="mono">{path.path}</code><span>{path.types.join(", ")}</span></li>)}</ul>
          </div>
        </div>
      )}
    </div>
  );
}
