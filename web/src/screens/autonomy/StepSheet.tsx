import { levelOf, LEVELS, type AutonomyRow, type Guard } from "../../api/brain";
import { count, day, money, percent, points } from "../../format";
import { Progress } from "../../parts/bars";
import { Icon } from "../../parts/icons";
import { EffectLine } from "../../parts/interval";
import { Sheet } from "../../parts/sheet";
import { Badge } from "../../parts/ui";
import { useKnownSession } from "../../session";
import css from "./autonomy.module.css";
import { LevelSlider, type AskLevel } from "./LevelSlider";
import { peopleWords } from "./people";
import { StopStep } from "./Stop";

const GUARDS: Record<string, string> = { opt_out: "People who opt out", complaint: "Complaints", spend: "Spending" };

/** What the evidence still lacks, each with how far it has come. */
export function MissingList({ row }: { row: AutonomyRow }) {
  if (row.missing.length === 0) return <p className="small muted">{row.kept >= LEVELS.length - 1 ? "Nothing: this is the highest level." : "Nothing more is named; the server weighs the evidence each night."}</p>;
  return (
    <ul className={css.missing}>
      {row.missing.map((one) => (
        <li key={one.text}>
          <p><Icon name="circle-dashed" size={14} /><span>{one.text}</span></p>
          {one.have !== null && one.need !== null && one.need > 0 && one.have < one.need && <Progress done={Math.max(0, one.have)} total={one.need} label={one.text} tone="still" />}
        </li>
      ))}
    </ul>
  );
}

/** One step in full: its level, what is missing, and the guards that would bring it down. */
export function StepSheet({ row, onClose, onAsk }: { row: AutonomyRow; onClose: () => void; onAsk: AskLevel }) {
  return (
    <Sheet title={row.title} note={peopleWords(row)} onClose={onClose} foot={(row.kept > 0 || row.stopped) && <StopStep row={row} />}>
      <div className={css.sheet}>
        <section>
          <h3>Level {row.kept}: {levelOf(row.kept).name}</h3>
          <p className="muted">{row.stopped ? "Stopped: every ask waits for a person, whatever the level." : levelOf(row.kept).text}{!row.stopped && row.level > row.kept && ` For now it follows the whole program: ${levelOf(row.level).text.toLowerCase()}`}{row.since && ` Since ${day(row.since)}.`}</p>
          <LevelSlider row={row} onAsk={onAsk} wide />
        </section>
        <section>
          <h3>{row.max_level_now > row.kept ? `Level ${row.max_level_now} is open` : `What is missing for level ${Math.min(row.kept + 1, LEVELS.length - 1)}`}</h3>
          <MissingList row={row} />
        </section>
        <section>
          <h3>What asking by it brings</h3>
          <Effect proof={row.proof} />
        </section>
        <section>
          <h3>What would bring it down at once</h3>
          {row.guards.length === 0 ? <p className="small muted">Nothing measured yet. Opt-outs, complaints and spending are watched from the first ask that goes out alone.</p> : <ul className={css.guards}>{row.guards.map((one) => <GuardLine key={one.name} guard={one} />)}</ul>}
        </section>
      </div>
    </Sheet>
  );
}

/** The effect of the step with its interval, or why there is none yet. */
function Effect({ proof }: { proof: AutonomyRow["proof"] }) {
  const { estimate, lower, upper } = proof;
  const known = estimate !== null && lower !== null && upper !== null;
  return (
    <>
      {known && <p className="num"><b>{points(lower)} to {points(upper)}</b> <span className="muted small">companies with a referral, middle {points(estimate)}, {count(proof.n)} companies</span></p>}
      {known && <EffectLine estimate={estimate} lower={lower} upper={upper} bound={Math.max(Math.abs(lower), Math.abs(upper)) * 1.15} label="Effect of the step" />}
      <p className="small muted">{proof.sentence || (known ? "Asked companies against those left alone." : `${count(proof.n)} companies measured; nothing can be said yet.`)}</p>
    </>
  );
}

function GuardLine({ guard }: { guard: Guard }) {
  const { workspace } = useKnownSession();
  const say = (value: number | null) => (value === null ? "not known" : guard.name === "spend" ? money(Math.round(value), workspace.currency) : percent(value));
  return (
    <li>
      <span className="grow"><b>{GUARDS[guard.name] ?? guard.name}</b><span className="small muted num">{guard.estimate === null ? "Not measured yet" : `${say(guard.estimate)}, ${guard.upper === null ? "no upper bound yet" : `at most ${say(guard.upper)}`}`}; the limit is {say(guard.limit)}{guard.name === "spend" && " per qualified referral"}</span></span>
      <Badge tone={guard.holds ? "good" : guard.estimate === null || guard.upper === null ? "plain" : "warn"}>{guard.holds ? "within" : guard.estimate === null || guard.upper === null ? "not known yet" : "not certain"}</Badge>
    </li>
  );
}
