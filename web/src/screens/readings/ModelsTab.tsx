import type { Model } from "../../api/inference";
import { useModels } from "../../api/inferenceQueries";
import { percent, words } from "../../format";
import { Progress } from "../../parts/bars";
import { Bones, Loaded } from "../../parts/states";
import { Badge, type Tone } from "../../parts/ui";
import css from "./quality.module.css";

const STATES: Record<string, { tone: Tone; text: string }> = {
  ready: { tone: "good", text: "ready" }, fetching: { tone: "info", text: "being fetched" }, absent: { tone: "plain", text: "not there" },
  declined: { tone: "plain", text: "declined" }, failing: { tone: "bad", text: "failing" },
};
const TIERS = [
  { key: "embedding", title: "Small model", about: "Reads every text that rules leave open, in a few milliseconds, on this machine." },
  { key: "local", title: "Local language model", about: "Asked when the small model is not sure and the answer is worth it; runs here, behind everything else." },
  { key: "hosted", title: "Hosted model", about: "Asked last, in batches, within the limits of the day; only where an operator has set one up." },
] as const;

/** Who reads, and what works without. */
export function ModelsTab() {
  const query = useModels();
  return (
    <Loaded query={query} bones={<Bones rows={3} tall />}>
      {(models) => (
        <>
          <p className={css.lead}>Rules come first and cost nothing. What they leave open goes down this list until somebody is sure enough.</p>
          <ol className={css.models}>{TIERS.map(({ key, title, about }) => <One key={key} title={title} about={about} model={models[key]} allowed={key === "hosted" ? models.hosted.allowed : undefined} />)}</ol>
        </>
      )}
    </Loaded>
  );
}

function One({ title, about, model, allowed }: { title: string; about: string; model: Model; allowed?: string[] }) {
  const state = STATES[model.state] ?? { tone: "plain" as Tone, text: model.state };
  const done = model.progress ?? null;
  return (
    <li>
      <div className="row wrap"><h2>{title}</h2><Badge tone={state.tone}>{state.text}</Badge>{model.name && <code className="mono tiny muted">{model.name}</code>}</div>
      <p className="small muted">{about}</p>
      {model.state === "fetching" && done !== null && <div className="row"><span style={{ width: 200 }}><Progress done={Math.round(done <= 1 ? done * 100 : done)} total={100} label={`Fetching ${title}`} /></span><span className="small num">{percent(done <= 1 ? done : done / 100, 0)}</span></div>}
      {model.problem && <p className="small bad">{model.problem}</p>}
      {allowed && model.state === "ready" && <p className="small muted">{allowed.length === 0 ? "This workspace lets no text leave for it." : `Texts that may leave for it: ${allowed.map(words).join(", ").toLowerCase()}.`}</p>}
      {model.works_without && model.state !== "ready" && <p className="small">{model.works_without}</p>}
    </li>
  );
}
