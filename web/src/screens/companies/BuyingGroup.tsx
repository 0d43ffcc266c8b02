import type { Buyer } from "../../api/graph";
import { useBuyingGroup } from "../../api/graphQueries";
import { words } from "../../format";
import { Bones, Empty, Loaded } from "../../parts/states";
import { Avatar, Badge, type Tone } from "../../parts/ui";
import { Link } from "../../router";
import css from "./buying.module.css";

const STANCES: Record<string, Tone> = { champion: "good", supporter: "good", supportive: "good", positive: "good", neutral: "plain", unknown: "plain", sceptic: "warn", mixed: "warn", critical: "bad", blocker: "bad", negative: "bad" };
const ORDER = ["champion", "economic_buyer", "decision_maker", "technical_buyer", "influencer", "user_buyer", "user", "blocker"];
const ranked = (rows: Buyer[]): Buyer[] => [...rows].sort((a, b) => (ORDER.indexOf(a.buying_role ?? "") + 99) % 99 - (ORDER.indexOf(b.buying_role ?? "") + 99) % 99 || (b.influence ?? 0) - (a.influence ?? 0));

/** Who decides there, how each of them stands to us, and why we think so. */
export function BuyingGroup({ id, name }: { id: string; name: string }) {
  const query = useBuyingGroup(id);
  return (
    <Loaded query={query} bones={<Bones rows={4} tall />}>
      {({ rows }) => {
        if (rows.length === 0) return <Empty icon="users" title="No buying group is known">It appears when titles, deals and notes say who decides at {name}.</Empty>;
        const top = Math.max(...rows.map((one) => one.influence ?? 0));
        return (
          <ul className={css.group} aria-label={`Buying group of ${name}`}>
            {ranked(rows).map((one) => (
              <li key={one.persona}>
                <Avatar name={one.name} size={36} />
                <div className={css.who}>
                  <Link className="strong" to={`/people/${one.persona}`}>{one.name}</Link>
                  <span className="small muted">{one.title || (one.role ? words(one.role) : "Role not known")}</span>
                </div>
                <div className={css.marks}>
                  <Badge tone="honey">{one.buying_role ? words(one.buying_role) : "Part not known"}</Badge>
                  {one.stance && one.stance !== "unknown" && <Badge tone={STANCES[one.stance] ?? "plain"}>{words(one.stance)}</Badge>}
                </div>
                <div className={css.sway}>
                  <span className="tiny muted">{one.influence ? `Influence ${one.influence.toFixed(2)}` : "No influence seen"}</span>
                  {one.influence ? <span className={css.meter} aria-hidden><span style={{ width: `${(one.influence / top) * 100}%` }} /></span> : null}
                </div>
                <div className={css.why}>
                  {one.uses.length > 0 && <p className="small"><span className="muted">Uses</span> {one.uses.join(", ")}</p>}
                  {one.why.slice(0, 3).map((why, i) => <p key={i} className="small"><span className="muted">{why.text}</span>{why.quote && <> <q>{why.quote}</q></>} <span className="tiny muted num">{[why.source_ref, why.confidence.toFixed(2)].filter(Boolean).join(", ")}</span></p>)}
                </div>
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}
