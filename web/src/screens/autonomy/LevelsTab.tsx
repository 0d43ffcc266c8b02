import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { levelOf, LEVELS, type AutonomyRow } from "../../api/brain";
import { useAutonomy } from "../../api/brainQueries";
import { write } from "../../api/client";
import { useIsNarrow, useSettled } from "../../parts/hooks";
import { ExportCsv, Filter } from "../../parts/filters";
import { Icon } from "../../parts/icons";
import { SelfMenu } from "../../parts/menu";
import { Rows, Two, type Column } from "../../parts/rows";
import { Empty } from "../../parts/states";
import { toast, toastProblem } from "../../parts/toast";
import { Badge, SearchField } from "../../parts/ui";
import { Link, setParams, useAddress } from "../../router";
import { useKnownSession } from "../../session";
import css from "./autonomy.module.css";
import { LevelSlider, useLevels } from "./LevelSlider";
import { peopleWords } from "./people";
import { StepSheet } from "./StepSheet";
import { useAgain } from "./Stop";

/** What stands between a step and its next level, in a line. */
export function nextWords(row: AutonomyRow): string {
  if (row.kept >= LEVELS.length - 1) return "The highest level";
  if (row.max_level_now > row.kept) return `Level ${row.max_level_now} is open`;
  const open = row.missing.length;
  return open === 0 ? `Not yet open for level ${row.kept + 1}` : (row.missing[0]?.text ?? "");
}

/** What runs without a person now, and whether that is the step's own doing or the whole program's. */
export function nowWords(row: AutonomyRow): string {
  if (row.stopped) return "A person approves";
  const { short } = levelOf(row.level);
  return row.level > row.kept ? `${short}, with the whole program` : short;
}

/** Every step of every playbook, the level it stands at, and what the next one needs. */
export function LevelsTab() {
  const { params } = useAddress();
  const narrow = useIsNarrow();
  const level = params.get("level") ?? "";
  const [text, setText] = useState(params.get("q") ?? "");
  const q = useSettled(text.trim());
  const filters = { level, q };
  const query = useAutonomy(filters);
  const levels = useLevels();
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const open = rows.find((row) => row.step === params.get("step"));
  const columns: Column<AutonomyRow>[] = [
    { key: "step", head: "Step", width: "minmax(0, 1.35fr)", phone: "main", cell: (row) => <Two top={<span className="strong">{row.title}</span>} below={peopleWords(row)} /> },
    { key: "now", head: "Now", width: "minmax(0, 0.85fr)", phone: "sub", cell: (row) => <span className={css.now}><Badge tone={row.stopped ? "bad" : row.level > 0 ? "honey" : "plain"}>{row.stopped ? "Stopped" : `${row.level} ${levelOf(row.level).name}`}</Badge><span className="small muted clip">{nowWords(row)}</span></span> },
    { key: "level", head: "Level, 0 to 4", width: "236px", phone: "sub", cell: (row) => <LevelSlider row={row} onAsk={levels.ask} /> },
    { key: "next", head: "What the next level needs", width: "minmax(0, 1.1fr)", phone: "sub", cell: (row) => <span className={css.next} data-open={row.max_level_now > row.kept}>{nextWords(row)}{row.max_level_now <= row.kept && row.missing.length > 1 && <span className="muted"> ({row.missing.length - 1} more)</span>}</span> },
  ];
  return (
    <>
      <div className={css.tools}>
        {!narrow && <p className="small muted grow">Drag a step to the right to let it run alone. It goes only as far as the evidence reaches, and falls back by itself.</p>}
        <SearchField value={text} onChange={setText} label="Search the steps" />
        <Filter label="Level" every="Every level" value={level} onChoose={(id) => setParams({ level: id })} choices={Object.fromEntries(LEVELS.map((one, i) => [String(i), `${i} ${one.name}`]))} />
        {query.data && <Ceiling now={query.data.pages[0]?.ceiling ?? 0} />}
        {rows.length > 0 && <ExportCsv path="/api/autonomy" filters={filters} />}
      </div>
      <Rows
        label="Steps and their levels" columns={columns} query={query} rowKey={(row) => row.step} onOpen={(row) => setParams({ step: row.step })} openKey={params.get("step") ?? undefined}
        empty={level || q ? (
          <Empty icon="sliders" title="No step matches" actions={<button className="btn" onClick={() => { setText(""); setParams({ level: null, q: null }); }}>Clear the filters</button>} />
        ) : (
          <Empty icon="sliders" title="No step yet" actions={<Link className="btn primary" to="/playbooks">See the playbooks</Link>}>Steps come from the playbooks in force. Each begins at level 0: you approve every ask.</Empty>
        )}
      />
      {open && <StepSheet row={open} onClose={() => setParams({ step: null })} onAsk={levels.ask} />}
      {levels.dialogs}
    </>
  );
}

/** How high steps may rise without a person moving them. */
function Ceiling({ now }: { now: number }) {
  const may = useKnownSession().may.includes("autonomy.decide");
  const again = useAgain();
  const change = useMutation({
    mutationFn: (level: number) => write("/api/autonomy/ceiling", { level }),
    onSuccess: (_, level) => toast("good", level === 0 ? "A person moves every step" : `Steps may rise to level ${level} by themselves`),
    onError: (failure) => toastProblem("Nothing was changed", failure),
    onSettled: again,
  });
  return (
    <SelfMenu
      label="May steps rise by themselves?" className="btn small" align="right" disabled={!may || change.isPending} button={<>{now === 0 ? "You raise each" : `Rise alone to ${now}`}<Icon name="chevron-down" size={13} /></>}
      onChoose={(id) => change.mutate(Number(id))}
      choices={[{ id: "0", label: "No, a person raises each", checked: now === 0 }, ...LEVELS.slice(1).map((one, i) => ({ id: String(i + 1), label: `Up to ${i + 1}, ${one.name}: ${one.short.toLowerCase()}`, checked: now === i + 1 }))]}
    />
  );
}
