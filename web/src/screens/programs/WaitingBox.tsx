import { useConfirmPublish, useRejectPublish } from "../../api/programQueries";
import type { Waiting } from "../../api/programs";
import { ago } from "../../format";
import { useNow } from "../../parts/hooks";
import { Icon } from "../../parts/icons";
import { toast, toastProblem } from "../../parts/toast";
import css from "./builder.module.css";

/** A version that changes money, until a second person has read it. */
export function WaitingBox({ slug, waiting }: { slug: string; waiting: Waiting }) {
  const now = useNow(60_000);
  const confirm = useConfirmPublish(slug);
  const reject = useRejectPublish(slug);
  const busy = confirm.isPending || reject.isPending;
  return (
    <section className={css.waiting} aria-label="Waits for a second person">
      <header><Icon name="users" size={16} /><p><b>Version {waiting.version} waits for a second person.</b> {waiting.by} published it {ago(waiting.at, now)}. It changes money, so it is in force once somebody else confirms.</p></header>
      <ul className={css.diff}>{waiting.sentences.map((one) => <li key={one}>{one}</li>)}</ul>
      <div className="row wrap">
        <button className="btn primary" disabled={!waiting.may_confirm || busy} onClick={() => confirm.mutate(waiting.version, { onSuccess: () => toast("good", `Version ${waiting.version} is in force`), onError: (failure) => toastProblem("It is not in force", failure) })}><Icon name="check" size={15} />Confirm and put in force</button>
        <button className="btn" disabled={busy} onClick={() => reject.mutate(waiting.version, { onSuccess: () => toast("plain", "Back to a draft"), onError: (failure) => toastProblem("It still waits", failure) })}>Back to draft</button>
        {!waiting.may_confirm && <span className="small muted">{waiting.why_not ?? "You published it yourself; another person confirms it."}</span>}
      </div>
    </section>
  );
}
