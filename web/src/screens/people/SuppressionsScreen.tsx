import { useState, type FormEvent } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { address, Problem, write } from "../../api/client";
import type { Suppression } from "../../api/identity";
import { useSuppressions } from "../../api/identityQueries";
import { useSources } from "../../api/queries";
import { ago, count, moment } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { Rows, Two, type Column } from "../../parts/rows";
import { Box } from "../../parts/sheet";
import { Empty } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Badge, PageHead } from "../../parts/ui";
import { useKnownSession } from "../../session";
import { nsName } from "../records/compare";
import { Note } from "../sources/events";

const kinds = (row: Suppression): string => row.namespaces.map(nsName).join(", ") || "Someone";

function useWrites() {
  const client = useQueryClient();
  const again = () => { for (const name of ["suppressions", "audit"]) void client.invalidateQueries({ queryKey: [name] }); };
  const add = useMutation({
    mutationFn: (body: { identifiers: { ns: string; value: string }[]; reason: string }) => write("/api/suppressions", body),
    onSuccess: () => toast("good", "Suppressed: nothing more is taken in about them"),
    onSettled: again,
  });
  const lift = useMutation({
    mutationFn: (row: Suppression) => write(`/api/suppressions/${row.id}`, {}, "DELETE"),
    onSuccess: () => toast("good", "Lifted: what comes from now on is taken in again"),
    onError: (failure) => toastProblem("The suppression stays", failure),
    onSettled: again,
  });
  return { add, lift };
}

/** Whose data is not taken in: small, and never emptied by an import. */
export default function SuppressionsScreen() {
  const mayWrite = useKnownSession().may.includes("people.write");
  const query = useSuppressions({});
  const now = useNow(60_000);
  const [adding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Suppression | null>(null);
  const { add, lift } = useWrites();
  const total = query.data?.pages[0]?.total;
  const columns: Column<Suppression>[] = [
    { key: "reason", head: "Why", width: "minmax(0, 1.8fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.reason || "No reason given"}</span>} below={`Known by ${kinds(row)}; the value is not kept`} /> },
    { key: "hits", head: "Kept out", width: "minmax(0, 0.8fr)", phone: "sub", cell: (row) => <Two top={<span className="num">{row.hits === 0 ? "Nothing yet" : `${count(row.hits)} ${row.hits === 1 ? "event" : "events"}`}</span>} below={row.last_hit_at ? `last ${ago(row.last_hit_at, now)}` : undefined} /> },
    { key: "actor", head: "By", width: "minmax(0, 1fr)", phone: "sub", cell: (row) => <span className="clip muted">{row.actor}</span> },
    { key: "at", head: "Since", width: "92px", align: "right", cell: (row) => <span className="small muted num" title={moment(row.at)}>{ago(row.at, now)}</span> },
    { key: "lift", head: "Lift", quiet: true, width: "72px", align: "right", phone: "side", cell: (row) => (row.lifted_at ? <Badge title={`Lifted ${moment(row.lifted_at)}${row.lifted_by ? ` by ${row.lifted_by}` : ""}`}>lifted</Badge> : mayWrite && <button className="btn small" aria-label={`Lift: ${row.reason || kinds(row)}`} onClick={() => setLifting(row)}>Lift</button>) },
  ];
  return (
    <>
      <PageHead title="Suppressions" note={total ? <span className="num">{count(total)} in all</span> : undefined}>
        {Boolean(total) && <a className="btn small" href={address("/api/suppressions", { format: "csv" })} download><Icon name="download" size={14} />Export CSV</a>}
        {mayWrite && <button className="btn primary" onClick={() => setAdding(true)}><Icon name="plus" size={15} />Suppress</button>}
      </PageHead>
      <Rows
        label="Suppressions" columns={columns} query={query} rowKey={(row) => row.id}
        empty={<Empty icon="shield-check" title="Nobody is suppressed" actions={mayWrite ? <button className="btn" onClick={() => setAdding(true)}>Suppress someone</button> : undefined}>Suppress whoever asked not to be known here. Only a digest of who it is stays here. Whatever a source sends about them later is kept out, and no import brings them back.</Empty>}
      />
      {adding && <AddBox add={add} onClose={() => setAdding(false)} />}
      {lifting && (
        <Box
          title="Lift the suppression?" onClose={() => setLifting(null)}
          foot={<><button className="btn" onClick={() => setLifting(null)}>Leave it</button><button className="btn danger" disabled={lift.isPending} onClick={() => lift.mutate(lifting, { onSettled: () => setLifting(null) })}>Lift it</button></>}
        >
          <p className="small muted">From now on, what sources send about them is taken in again{lifting.reason && <> (<b>{lifting.reason}</b>)</>}. What came before stays away.</p>
        </Box>
      )}
    </>
  );
}

/** As the server names a source: lower-case words joined by "-". */
const slugOf = (name: string): string => name.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");

function AddBox({ add, onClose }: { add: ReturnType<typeof useWrites>["add"]; onClose: () => void }) {
  const sources = useSources().data?.rows ?? [];
  const choices = [["email", "E-mail"], ["phone", "Phone"], ...sources.filter((one) => one.kind !== "internal").map((one) => [`record:${slugOf(one.name)}`, `Id at ${one.name}`])] as [string, string][];
  const [ns, setNs] = useState("email");
  const [text, setText] = useState("");
  const [reason, setReason] = useState("");
  const values = text.split(ns === "phone" ? /[\n,;]+/ : /[\s,;]+/).map((one) => one.trim()).filter(Boolean);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ identifiers: values.map((value) => ({ ns, value })), reason: reason.trim() }, { onSuccess: onClose });
  };
  const problem = add.error instanceof Problem ? add.error : null;
  return (
    <Box
      title="Suppress" onClose={onClose}
      foot={<><button className="btn" onClick={onClose}>Cancel</button><button className="btn primary" form="suppress" disabled={values.length === 0 || !reason.trim() || add.isPending}>Suppress{values.length > 1 ? ` ${values.length}` : ""}</button></>}
    >
      <form id="suppress" onSubmit={submit} className="stack" style={{ gap: 14 }}>
        <label><span className="label">Kind</span><select className="field" value={ns} onChange={(event) => setNs(event.target.value)}>{choices.map(([key, label]) => <option key={key} value={key}>{label}</option>)}</select></label>
        <label><span className="label">Whose; several addresses of one person together</span><textarea className="field" rows={3} value={text} placeholder={ns === "email" ? "name@company.example" : ns === "phone" ? "+49 171 0000000" : "771204"} onChange={(event) => setText(event.target.value)} autoFocus /></label>
        <label><span className="label">Reason, kept in the audit</span><input className="field" value={reason} placeholder="Asked by e-mail on 12 November" onChange={(event) => setReason(event.target.value)} /></label>
        {problem && <Note tone="bad" title={problem.title}>{[problem.detail, problem.advice].filter(Boolean).join(" ")}</Note>}
      </form>
    </Box>
  );
}
