import { useState } from "react";

import type { Change } from "../../api/graph";
import { useDifference, useStory } from "../../api/graphQueries";
import { day, words } from "../../format";
import { edgeWords } from "../../graph/kinds";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Badge, type Tone } from "../../parts/ui";
import css from "./portrait.module.css";

const DAY = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const PRESETS: [string, number][] = [["A month", 30], ["A quarter", 91], ["A year", 365]];

/** What is different about somebody between two dates, and the story of it. */
export function Changes({ id, name }: { id: string; name: string }) {
  const today = iso(Date.now());
  const [before, setBefore] = useState(iso(Date.now() - 91 * DAY));
  const [after, setAfter] = useState(today);
  const wrong = before >= after;
  return (
    <>
      <h2 className="sr">What changed between two dates</h2>
      <div className={css.between}>
        <label>From<input type="date" className="field" value={before} max={today} onChange={(event) => event.target.value && setBefore(event.target.value)} /></label>
        <label>To<input type="date" className="field" value={after} max={today} onChange={(event) => event.target.value && setAfter(event.target.value)} /></label>
        <div className={css.presets} role="group" aria-label="Length of time">
          {PRESETS.map(([label, days]) => <button key={label} className="btn small" aria-pressed={after === today && before === iso(Date.now() - days * DAY)} onClick={() => { setBefore(iso(Date.now() - days * DAY)); setAfter(today); }}>{label}</button>)}
        </div>
      </div>
      {wrong ? <Empty icon="clock" title="The first date must be the earlier one">Choose an earlier day to compare from.</Empty> : <Between id={id} name={name} before={before} after={after} />}
      <Story id={id} name={name} />
    </>
  );
}

const said = (one: Change): string => one.sentence || `${one.src_name ?? one.src} ${edgeWords(one.kind)} ${one.dst_name ?? one.dst}`;
const figure = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : value.toFixed(2));

function Side({ title, tone, list }: { title: string; tone: Tone; list: Change[] }) {
  if (list.length === 0) return null;
  return (
    <section className={css.side}>
      <h3><Badge tone={tone}>{list.length}</Badge>{title}</h3>
      <ul>
        {list.map((one, i) => (
          <li key={i}>
            <span className="grow">{said(one)}{one.quote && <q className={css.said}>{one.quote}</q>}</span>
            <span className="num muted">{typeof one.before === "number" && typeof one.after === "number" ? `${figure(one.before)} → ${figure(one.after)}` : typeof one.before === "number" ? `was ${figure(one.before)}` : figure(one.after ?? one.confidence)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Between({ id, name, before, after }: { id: string; name: string; before: string; after: string }) {
  const query = useDifference(id, before, after);
  return (
    <Loaded query={query} bones={<Bones rows={3} />}>
      {(found) => {
        const none = found.appeared.length + found.ended.length + found.stronger.length + found.weaker.length + found.properties.length === 0;
        if (none) return <Empty icon="equal" title="Nothing changed">Between {day(before)} and {day(after)} nothing that we know of {name} changed.</Empty>;
        return (
          <div className={css.sides}>
            <Side title="New" tone="good" list={found.appeared} />
            <Side title="Ended" tone="bad" list={found.ended} />
            <Side title="Surer than before" tone="info" list={found.stronger} />
            <Side title="Less sure than before" tone="warn" list={found.weaker} />
            {found.properties.length > 0 && (
              <section className={css.side}>
                <h3><Badge>{found.properties.length}</Badge>Particulars</h3>
                <ul>{found.properties.map((one) => <li key={one.name}><span className="grow">{words(one.name)}</span><span>{one.before === null || one.before === undefined ? "" : `${String(one.before)} → `}{String(one.after ?? "not known")}{one.said_at && <span className="muted">, said {day(one.said_at)}</span>}</span></li>)}</ul>
              </section>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function Story({ id, name }: { id: string; name: string }) {
  const query = useStory(id);
  return (
    <section>
      <h2 style={{ marginBottom: 10 }}>What changed when</h2>
      <Loaded query={query} bones={<Bones rows={3} />}>
        {({ rows }) => rows.length === 0 ? <p className="small muted">Nothing has been learned of {name} yet.</p> : (
          <ol className={css.story}>
            {rows.map((one, i) => <li key={i}><time dateTime={one.at} className="tiny muted num">{day(one.at)}</time><span>{one.sentence}{one.confidence !== null && one.confidence !== undefined && <span className="muted num"> · {one.confidence.toFixed(2)}</span>}</span>{one.quote && <q className={css.said}>{one.quote}</q>}</li>)}
          </ol>
        )}
      </Loaded>
    </section>
  );
}
