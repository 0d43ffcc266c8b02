import { levelOf, LEVELS, type AutonomyRow, type Guard } from "../../api/brain";
import { day, percent } from "../../format";
import { Progress } from "../../parts/bars";
import { Icon } from "../../parts/icons";
import { Sheet } from "../../parts/sheet";
import { Badge } from "../../parts/ui";
import css from "./autonomy.module.css";
import { LevelSlider, type AskLevel } from "./LevelSlider";

const GUARDS: Record<string, string> = { opt_out: "People who opt out", complaint: "Complaints", spend: "Spending" };

/** What the evidence still lacks, each with how far it has come. */
export function MissingList({ row }: { row: AutonomyRow }) {
  if (row.missing.length === 0) return <p className="small muted">{row.level >= LEVELS.length - 1 ? "Nothing: this is the highest level." : "Nothing more is named; the server weighs the evidence each night."}</p>;
  return (
    <ul className={css.missing}>
      {row.missing.map((one) => (
        <li key={one.text}>
          <p><Icon name="circle-dashed" size={14} /><span>{one.text}</span></p>
          {one.have !== null && one.need !== null && one.need > 0 && <Progress done={Math.max(0, one.have)} total={one.need} label={one.text} tone="still" />}
        </li>
      ))}
    </ul>
  );
}

/** One step in full: its level, what is missing, and the guards that would bring it down. */
export function StepSheet({ row, onClose, onAsk }: { row: AutonomyRow; onClose: () => void; onAsk: AskLevel }) {
  return (
    <Sheet title={row.title} note={row.playbook ?? undefined} onClose={onClose}>
      <div className={css.sheet}>
        <section>
          <h3>Level {row.level}: {levelOf(row.level).name}</h3>
          <p className="muted">{row.stopped ? "Stopped: every ask waits for a person, whatever the level." : levelOf(row.level).text}{row.since && ` Since ${day(row.since)}.`}</p>
          <LevelSlider row={row} onAsk={onAsk} wide />
        </section>
        <section>
          <h3>{row.max_level_now > row.level ? `Level ${row.max_level_now} is open` : `What is missing for level ${Math.min(row.level + 1, LEVELS.length - 1)}`}</h3>
          <MissingList row={row} />
        </section>
        <section>
          <h3>What would bring it down at once</h3>
          {row.guards.length === 0 ? <p className="small muted">Nothing measured yet. Opt-outs, complaints and spending are watched from the first ask that goes out alone.</p> : <ul className={css.guards}>{row.guards.map((one) => <GuardLine key={one.name} guard={one} />)}</ul>}
        </section>
      </div>
    </Sheet>
  );
}

function GuardLine({ guard }: { guard: Guard }) {
  const say = (value: number | null) => (value === null ? "not known" : Math.abs(guard.limit) <= 1 ? percent(value) : value.toFixed(2));
  return (
    <li>
      <span className="grow"><b>{GUARDS[guard.name] ?? guard.name}</b><span className="small muted num">{say(guard.estimate)}, at most {say(guard.upper)}; the limit is {say(guard.limit)}</span></span>
      <Badge tone={guard.holds === null ? "plain" : guard.holds ? "good" : "bad"}>{guard.holds === null ? "not measured yet" : guard.holds ? "within" : "over the limit"}</Badge>
    </li>
  );
}
