import type { TimelineEntry } from "../../api/contract";
import { useTimeline } from "../../api/queries";
import { clock, day, words } from "../../format";
import { Icon, type IconName } from "../../parts/icons";
import css from "./persona.module.css";

const ICONS: [RegExp, IconName][] = [
  [/^ticket/, "life-buoy"], [/^deal|^subscription|^purchase|^invoice/, "wallet"], [/^feature|^usage|^trial/, "rocket"],
  [/^survey/, "message-square"], [/^consent/, "shield-check"], [/^signup/, "gift"], [/^records/, "network"], [/^persona|^company/, "user"],
  [/^ask|^message/, "send"],
];
const iconOf = (kind: string): IconName => ICONS.find(([pattern]) => pattern.test(kind))?.[1] ?? "info";

/** Every event of a person, newest first, by day. */
export function Timeline({ id, first }: { id: string; first: TimelineEntry[] }) {
  const query = useTimeline(id);
  const entries = query.data?.pages.flatMap((page) => page.rows) ?? first;
  if (entries.length === 0) return <p className="small muted">No event is recorded.</p>;
  const days = new Map<string, TimelineEntry[]>();
  for (const entry of entries) days.set(day(entry.at), [...(days.get(day(entry.at)) ?? []), entry]);
  return (
    <div className={css.timeline}>
      {[...days].map(([name, list]) => (
        <section key={name}>
          <h3>{name}</h3>
          <ol>
            {list.map((entry, i) => (
              <li key={`${entry.event_id}-${i}`}>
                <span className={css.stamp}><Icon name={iconOf(entry.kind)} size={13} /></span>
                <span className="grow"><span>{entry.title}</span><span className={css.sub}>{entry.ref || words(entry.source)}, {words(entry.kind).toLowerCase()}</span></span>
                <time dateTime={entry.at} className="small muted num">{clock(entry.at)}</time>
              </li>
            ))}
          </ol>
        </section>
      ))}
      {query.hasNextPage && (
        <button className="btn small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{query.isFetchingNextPage ? "Loading" : "Earlier events"}</button>
      )}
    </div>
  );
}
