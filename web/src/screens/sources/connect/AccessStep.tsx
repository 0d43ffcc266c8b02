import { useId, useState, type FormEvent } from "react";

import { Problem } from "../../../api/client";
import type { ConfigField, Connection, Connector } from "../../../api/sources";
import { navigate, Link } from "../../../router";
import { Note, streamName } from "../events";
import { SystemTile } from "../StateMark";
import { useSourceWrite } from "../writes";
import css from "./connect.module.css";

export function FieldInput({ field, value, onChange, kept = false }: { field: ConfigField; value: string; onChange: (text: string) => void; kept?: boolean }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const input = (
    <input
      id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)} required={field.required && !kept} spellCheck={false}
      type={field.secret && !shown ? "password" : "text"} autoComplete={field.secret ? "new-password" : "off"} aria-describedby={field.help ? `${id}-help` : undefined}
      placeholder={kept ? "Kept as it is" : field.default || undefined}
    />
  );
  return (
    <div>
      <label className="label" htmlFor={id}>{field.label || field.name} {!field.required && <span className={css.need}>optional</span>}</label>
      {field.secret ? <div className={css.secret}>{input}<button type="button" onClick={() => setShown(!shown)} aria-pressed={shown} aria-label={`Show ${field.label || field.name}`}>{shown ? "Hide" : "Show"}</button></div> : input}
      {field.help && <span className={css.help} id={`${id}-help`}>{field.help}</span>}
    </div>
  );
}

function StreamChoices({ names, chosen, onToggle }: { names: string[]; chosen: ReadonlySet<string>; onToggle: (name: string) => void }) {
  return (
    <ul className={css.choices}>
      {names.map((name) => <li key={name}><label><input type="checkbox" checked={chosen.has(name)} onChange={() => onToggle(name)} /><span className="grow">{streamName(name)}</span></label></li>)}
    </ul>
  );
}

/** Name, access, and which streams to bring. Nothing is read before it was tested. */
export function AccessStep({ connector }: { connector: Connector }) {
  const fields = connector.config;
  const further = fields.filter((field) => !field.required);
  const pulls = connector.streams.length > 0;
  const nameId = useId();
  const [name, setName] = useState(connector.label);
  const [values, setValues] = useState<Record<string, string>>(() => Object.fromEntries(fields.map((field) => [field.name, field.secret ? "" : field.default])));
  const [streams, setStreams] = useState<ReadonlySet<string>>(() => new Set(connector.streams.filter((one) => !one.optional).map((one) => one.name)));
  const create = useSourceWrite<Record<string, unknown>, Connection>((body) => ({ path: "/api/connections", body }), { refused: `${connector.label} was not connected` });
  const input = (field: ConfigField) => <FieldInput key={field.name} field={field} value={values[field.name] ?? ""} onChange={(text) => setValues((before) => ({ ...before, [field.name]: text }))} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const part = (secret: boolean) => Object.fromEntries(fields.filter((field) => field.secret === secret && values[field.name]).map((field) => [field.name, (values[field.name] ?? "").trim()]));
    create.mutate(
      { connector: connector.connector, name: name.trim(), config: part(false), secrets: part(true), streams: connector.streams.filter((one) => streams.has(one.name)).map((one) => one.name), start: !pulls },
      { onSuccess: (made) => navigate(`/sources/connect?with=${encodeURIComponent(connector.connector)}&source=${made.id}&step=${pulls ? "test" : "run"}`) },
    );
  };
  const problem = create.error instanceof Problem ? create.error : null;
  const usual = connector.streams.filter((one) => !one.optional);
  const rare = connector.streams.filter((one) => one.optional);
  const toggle = (stream: string) => setStreams((before) => {
    const after = new Set(before);
    if (!after.delete(stream)) after.add(stream);
    return after;
  });
  return (
    <>
      <div className="row" style={{ gap: 14, alignItems: "flex-start" }}>
        <SystemTile kind={connector.connector} size={40} />
        <div className={css.lead}><h2>Give access to {connector.label}</h2><p>{connector.about}</p></div>
      </div>
      <form className={css.form} onSubmit={submit}>
        <div>
          <label className="label" htmlFor={nameId}>Name, as it appears in the list</label>
          <input id={nameId} className="field" value={name} required maxLength={80} onChange={(event) => setName(event.target.value)} />
        </div>
        {fields.filter((field) => field.required).map(input)}
        {connector.streams.length > 0 && (
          <fieldset style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
            <legend className="label" style={{ padding: 0 }}>What to bring</legend>
            <StreamChoices names={usual.map((one) => one.name)} chosen={streams} onToggle={toggle} />
            {rare.length > 0 && (
              <details className={css.further} style={{ marginTop: 12 }}>
                <summary>{rare.length} more <span className={css.need}>rarely needed, read only when chosen</span></summary>
                <StreamChoices names={rare.map((one) => one.name)} chosen={streams} onToggle={toggle} />
              </details>
            )}
          </fieldset>
        )}
        {further.length > 0 && (
          <details className={css.further} open={further.length === 1}>
            <summary>{further.length === 1 ? "One further setting" : `${further.length} further settings`} <span className={css.need}>optional</span></summary>
            <div className={css.form}>{further.map(input)}</div>
          </details>
        )}
        {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
        {fields.some((field) => field.secret) && <p className="small muted">Secrets are kept encrypted, are only used with {connector.label}, and are never shown again.</p>}
        <div className={css.foot}>
          <button className="btn primary" disabled={create.isPending || !name.trim() || (connector.streams.length > 0 && streams.size === 0)}>{create.isPending ? "Connecting" : pulls ? "Connect and test" : "Make the address"}</button>
          <Link className="btn quiet" to="/sources/connect">Choose another system</Link>
        </div>
      </form>
    </>
  );
}
