import { useWaiting } from "../../api/takingQueries";
import { count } from "../../format";
import { Icon } from "../../parts/icons";
import { Link } from "../../router";
import { useKnownSession } from "../../session";
import css from "./programs.module.css";

/** The way to who applied, what was done and which deals were registered, with how much waits; `quiet`: only where something does. */
export function TakingLink({ slug, quiet = false }: { slug: string; quiet?: boolean }) {
  const may = useKnownSession().may.includes("referrals.read");
  const row = useWaiting(may).data?.rows.find((one) => one.program === slug);
  const n = row ? row.applications + row.submissions + row.registrations : 0;
  if (!may || (quiet && n === 0)) return null;
  return <Link className={`btn small ${css.taking}`} to={`/programs/taking-part?program=${encodeURIComponent(slug)}`}><Icon name="inbox" size={14} />{n > 0 ? `${count(n)} ${n === 1 ? "waits" : "wait"} for you` : "Taking part"}</Link>;
}
