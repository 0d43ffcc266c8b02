import { useState, type FormEvent } from "react";

import { Problem } from "../../../api/client";
import type { Connection } from "../../../api/sources";
import { Icon } from "../../../parts/icons";
import { Sheet } from "../../../parts/sheet";
import { Bones, Failure } from "../../../parts/states";
import { FieldInput } from "../connect/AccessStep";
import { TestResults, useTest } from "../connect/TestResults";
import { Note } from "../events";
import { useSourceWrite } from "../writes";

/** New access for a connection that is there already; what is left empty stays as it is. */
export function AccessSheet({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  return <Sheet title={`Access to ${connection.name}`} note="What is left empty stays as it is" onClose={onClose}><Form connection={connection} /></Sheet>;
}

function Form({ connection }: { connection: Connection }) {
  const { id, questions: fields } = connection;
  const [values, setValues] = useState<Record<string, string>>(() => Object.fromEntries(fields.map((field) => [field.name, field.secret ? "" : (connection.config[field.name] ?? field.default)])));
  const [tested, setTested] = useState(false);
  const test = useTest(id, tested);
  const save = useSourceWrite<Record<string, unknown>, Connection>((body) => ({ path: `/api/connections/${id}`, body, method: "PUT" }), { done: "The access was changed", refused: "The access was not changed" });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const part = (secret: boolean) => Object.fromEntries(fields.filter((field) => field.secret === secret && values[field.name]).map((field) => [field.name, (values[field.name] ?? "").trim()]));
    const secrets = part(true);
    save.mutate({ config: part(false), ...(Object.keys(secrets).length > 0 ? { secrets } : {}) }, { onSuccess: () => { setTested(true); void test.refetch(); } });
  };
  const problem = save.error instanceof Problem ? save.error : null;
  return (
    <form onSubmit={submit} className="stack" style={{ gap: 18 }}>
      {fields.map((field) => <FieldInput key={field.name} field={field} kept={field.secret && connection.secrets.includes(field.name)} value={values[field.name] ?? ""} onChange={(text) => setValues((before) => ({ ...before, [field.name]: text }))} />)}
      {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
      <div className="row wrap">
        <button className="btn primary" disabled={save.isPending}>Save and test</button>
        <button type="button" className="btn" disabled={test.isFetching} onClick={() => { setTested(true); void test.refetch(); }}><Icon name="refresh-cw" size={14} />Test what is there</button>
      </div>
      {test.isFetching ? <Bones rows={3} /> : test.isError ? <Failure failure={test.error} /> : test.data && <div className="stack" style={{ gap: 12 }}><TestResults result={test.data} /></div>}
    </form>
  );
}
