import { useRef, useState } from "react";

import { Problem } from "../../api/client";
import { saveDraft, useProgramYaml } from "../../api/programQueries";
import type { ProgramDetail, ProgramForm } from "../../api/programs";
import { Copy } from "../../parts/code";
import { Icon } from "../../parts/icons";
import { Loaded } from "../../parts/states";
import { toast } from "../../parts/toast";
import css from "./builder.module.css";
import { useQueryClient } from "@tanstack/react-query";

/** The same rules as a file, for a repository: read it, take it away, bring it back. */
export function YamlTab({ program, version, mayWrite }: { program: ProgramDetail; version: number; mayWrite: boolean; onImported: (form: ProgramForm) => void }) {
  const query = useProgramYaml(program.slug, version);
  return <Loaded query={query}>{({ yaml }) => <Editor key={yaml} yaml={yaml} program={program} mayWrite={mayWrite} />}</Loaded>;
}

function Editor({ yaml, program, mayWrite }: { yaml: string; program: ProgramDetail; mayWrite: boolean }) {
  const client = useQueryClient();
  const [text, setText] = useState(yaml);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const file = useRef<HTMLInputElement>(null);
  const changed = text !== yaml;
  const problem = failure instanceof Problem ? failure : null;
  const save = () => {
    setBusy(true);
    setFailure(null);
    saveDraft(program.slug, { yaml: text, base: program.version }).then(
      (saved) => {
        toast("good", `Kept as draft ${saved.version}`);
        // The page's own copy of the draft is older now: it starts again from what the server has.
        client.removeQueries({ queryKey: ["program", program.slug] });
        for (const name of ["programs", "program", "program-yaml", "program-diff"]) void client.invalidateQueries({ queryKey: [name] });
      },
      setFailure,
    ).finally(() => setBusy(false));
  };
  const take = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = `${program.slug}.yaml`;
    anchor.click();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
  return (
    <div className={css.section}>
      <div className="row wrap">
        <p className="grow small muted">Keep it in a repository and apply it with <code className="mono">honeyguide program apply {program.slug}.yaml</code>.</p>
        <Copy text={text} label="Copy" words />
        <button className="btn small" onClick={take}><Icon name="download" size={14} />Download</button>
        {mayWrite && <button className="btn small" onClick={() => file.current?.click()}><Icon name="upload" size={14} />Open a file</button>}
        <input ref={file} type="file" accept=".yaml,.yml,text/yaml" hidden aria-label="A program's file" onChange={(event) => { void event.target.files?.[0]?.text().then(setText); event.target.value = ""; }} />
      </div>
      <textarea className={css.yaml} aria-label="The program as YAML" spellCheck={false} readOnly={!mayWrite} value={text} onChange={(event) => setText(event.target.value)} />
      {failure !== null && <p className={css.refused} role="alert">{problem ? <><b>{problem.title}</b> {problem.detail} {problem.advice}</> : String(failure)}</p>}
      {changed && <div className="row"><button className="btn primary" disabled={busy} onClick={save}>Keep as draft</button><button className="btn" onClick={() => { setText(yaml); setFailure(null); }}>Discard</button></div>}
    </div>
  );
}
