import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";

import { write } from "../../api/client";
import type { Asked, Cell, EdgeRef } from "../../api/graph";
import { count } from "../../format";
import { EdgePanel } from "../../graph/EdgePanel";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { callText, drawn, headOf, pageOf, textOf } from "./answers";
import css from "./ask.module.css";

const FIRST = ["top advocates", "who praised us this quarter", "which champions do we have", "who works with people our advocates referred"];

/** A question in plain words; what it was understood as stands above its answer. */
export function Ask() {
  const { params } = useAddress();
  const asked = params.get("q") ?? "";
  const [text, setText] = useState(asked);
  useEffect(() => setText(asked), [asked]);
  const query = useQuery({
    queryKey: ["graph-ask", asked],
    enabled: asked !== "",
    staleTime: 60_000,
    retry: false,
    queryFn: () => write<Asked>("/api/graph/ask", { question: asked }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) setParams({ q: text.trim() });
  };
  return (
    <Scroll label="Ask the graph">
      <div className={css.page}>
        <form className={css.form} onSubmit={submit} role="search">
          <Icon name="sparkles" size={17} />
          <input id="graph-question" aria-label="Ask the graph" autoComplete="off" maxLength={300} placeholder="Who uses Dispatch at Northwind?" value={text} onChange={(event) => setText(event.target.value)} />
          <button className="btn primary" disabled={text.trim() === ""}>Ask</button>
        </form>
        {asked === "" ? <Suggestions title="Questions it understands" list={FIRST} /> : (
          <Loaded query={query} bones={<Bones rows={4} />}>{(answer) => <Answer answer={answer} question={asked} />}</Loaded>
        )}
      </div>
    </Scroll>
  );
}

function Suggestions({ title, list }: { title: string; list: string[] }) {
  if (list.length === 0) return null;
  return (
    <section className={css.suggestions}>
      <h2>{title}</h2>
      <ul>{list.map((one) => <li key={one}><button className="btn small" onClick={() => setParams({ q: one })}>{one}</button></li>)}</ul>
    </section>
  );
}

function Answer({ answer, question }: { answer: Asked; question: string }) {
  if (answer.understood && answer.call) return <Understood answer={answer} call={answer.call} />;
  return (
    <>
      <Empty icon="search" title="That question was not understood">
        {answer.sentence || <>Nothing was guessed for “{question}”. Name people, companies and products as they stand in this workspace.</>}
      </Empty>
      <Suggestions title="It would understand" list={answer.suggestions} />
    </>
  );
}

function Understood({ answer, call }: { answer: Asked; call: NonNullable<Asked["call"]> }) {
  const columns = drawn(answer.columns);
  const [edges, setEdges] = useState<EdgeRef[] | null>(null);
  const proven = answer.edges?.some((list) => list.length > 0) ?? false;
  const save = () => saveCsv("answer", answer.rows.map((row) => Object.fromEntries(answer.columns.map((name, i) => [name, textOf(row[i] ?? null)]))));
  return (
    <section className={css.answer} aria-label="Answer">
      <p className={css.sentence}>{answer.sentence}</p>
      <div className={css.call}><span className="small muted">Understood as</span><code className="mono">{callText(call)}</code></div>
      {answer.rows.length === 0 ? <p className="muted">Nothing in the graph answers this at present.</p> : (
        <>
          <div className={css.head}><h2>{count(answer.rows.length)} {answer.rows.length === 1 ? "row" : "rows"}{answer.truncated && ", the first of more"}</h2><button className="btn small" onClick={save}><Icon name="download" size={14} />Export CSV</button></div>
          <div className={css.box} tabIndex={0} role="region" aria-label="Rows of the answer">
            <table className={css.table}>
              <thead><tr>{columns.map((i) => <th key={i} scope="col">{headOf(answer.columns[i] ?? "")}</th>)}{proven && <th scope="col">Why</th>}</tr></thead>
              <tbody>
                {answer.rows.map((row, n) => (
                  <tr key={n}>
                    {columns.map((i) => <AnswerCell key={i} cell={row[i] ?? null} row={row} />)}
                    {proven && <td>{(answer.edges?.[n]?.length ?? 0) > 0 && <button className="link small" onClick={() => setEdges(answer.edges?.[n] ?? null)}>Evidence</button>}</td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <Suggestions title="Ask on" list={answer.suggestions} />
      {edges && (
        <Sheet title="What this row rests on" onClose={() => setEdges(null)}>
          <div className={css.proofs}>{edges.map((edge) => <EdgePanel key={`${edge.kind}/${edge.src}/${edge.dst}`} level="h3" edge={{ ...edge, confidence: 0, inferrer: "record", valid_from: "", valid_to: null }} ends={{}} />)}</div>
        </Sheet>
      )}
    </section>
  );
}

function AnswerCell({ cell, row }: { cell: Cell; row: Cell[] }) {
  const to = pageOf(cell);
  const own = cell !== null && typeof cell === "object" ? cell.detail : "";
  const detail = row.includes(own ?? "") ? "" : own; // a column of its own says it already
  return (
    <td data-number={typeof cell === "number"}>
      {to ? <Link className="link" to={to}>{textOf(cell)}</Link> : textOf(cell)}
      {detail && <span className="small muted">, {detail}</span>}
    </td>
  );
}
