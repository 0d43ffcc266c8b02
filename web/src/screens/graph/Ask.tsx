import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";

import { write } from "../../api/client";
import type { Asked } from "../../api/graph";
import { count } from "../../format";
import { saveCsv } from "../../parts/export";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Scroll } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { callText, cellOf, drawn, headOf, pageOf, textOf } from "./answers";
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
          <input id="graph-question" aria-label="Ask the graph" autoComplete="off" maxLength={400} placeholder="Who uses Dispatch at Northwind?" value={text} onChange={(event) => setText(event.target.value)} />
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
  if (!answer.understood || !answer.call) {
    return (
      <>
        <Empty icon="search" title="That question was not understood">
          {answer.sentence || <>Nothing was guessed for “{question}”. Name people, companies and products as they stand in this workspace.</>}
        </Empty>
        <Suggestions title="It would understand" list={answer.suggestions} />
      </>
    );
  }
  const columns = drawn(answer.columns);
  const save = () => saveCsv("answer", answer.rows.map((row) => Object.fromEntries(answer.columns.map((name, i) => [name, textOf(cellOf(row, answer.columns, i))]))));
  return (
    <section className={css.answer} aria-label="Answer">
      <p className={css.sentence}>{answer.sentence}</p>
      <div className={css.call}>
        <span className="small muted">Understood as</span>
        <code className="mono">{callText(answer.call)}</code>
      </div>
      {answer.rows.length === 0 ? <p className="muted">Nothing in the graph answers this at present.</p> : (
        <>
          <div className={css.head}><h2>{count(answer.rows.length)} {answer.rows.length === 1 ? "row" : "rows"}</h2><button className="btn small" onClick={save}><Icon name="download" size={14} />Export CSV</button></div>
          <div className={css.box} tabIndex={0} role="region" aria-label="Rows of the answer">
            <table className={css.table}>
              <thead><tr>{columns.map((i) => <th key={i} scope="col">{headOf(answer.columns[i] ?? "")}</th>)}</tr></thead>
              <tbody>
                {answer.rows.map((row, n) => (
                  <tr key={n}>
                    {columns.map((i) => {
                      const cell = cellOf(row, answer.columns, i);
                      const to = pageOf(cell);
                      return <td key={i} data-number={typeof cell === "number"}>{to ? <Link className="link" to={to}>{textOf(cell)}</Link> : textOf(cell)}</td>;
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
      <Suggestions title="Ask on" list={answer.suggestions} />
    </section>
  );
}
