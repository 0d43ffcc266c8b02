import { useLive } from "../api/live";
import { useOverview } from "../api/queries";
import { count, span } from "../format";
import { useNow } from "../parts/hooks";
import css from "./shell.module.css";

function Spark({ values }: { values: number[] }) {
  const top = Math.max(1, ...values);
  const step = 60 / Math.max(1, values.length - 1);
  const path = values.map((value, i) => `${i ? "L" : "M"}${(i * step).toFixed(1)} ${(16 - (value / top) * 14).toFixed(1)}`).join("");
  return (
    <svg className={css.spark} width="60" height="18" viewBox="0 0 60 18" role="img" aria-label={`Events in each of the last ${values.length} minutes, at most ${count(top)}`}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.400" strokeLinejoin="round" />
    </svg>
  );
}

/** Whether we still hear the server, and how much it hears. */
export function LiveMark() {
  const live = useLive();
  const overview = useOverview().data;
  const now = useNow(5000);
  const events = live.pulse?.events ?? overview?.events;
  const silentFor = now - (live.heardAt ?? live.since);
  return (
    <div className={css.live} title={events === undefined ? undefined : `${count(events)} events, ${count(live.pulse?.edges ?? overview?.edges ?? 0)} edges`}>
      <span className={css.pip} data-on={live.connected} />
      <span className="clip num">
        {live.connected
          ? live.eventsPerSecond ? `${live.eventsPerSecond.toFixed(live.eventsPerSecond < 10 ? 1 : 0)} events/s` : "Live"
          : `Reconnecting, ${span(silentFor)}`}
      </span>
      {overview && overview.events_per_minute.length > 1 && <Spark values={overview.events_per_minute} />}
    </div>
  );
}
