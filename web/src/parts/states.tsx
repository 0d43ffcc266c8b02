import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Problem } from "../api/client";
import { useLive } from "../api/live";
import { span } from "../format";
import { useNow } from "./hooks";
import { Icon, type IconName } from "./icons";
import css from "./states.module.css";

function Notice({ icon, title, children, actions, role }: {
  icon: IconName; title: string; children?: ReactNode; actions?: ReactNode; role?: "alert" | "status";
}) {
  return (
    <div className={css.notice} role={role}>
      <span className={css.glyph}><Icon name={icon} size={20} /></span>
      <h2>{title}</h2>
      {children && <div className={css.text}>{children}</div>}
      {actions && <div className={css.actions}>{actions}</div>}
    </div>
  );
}

export function Empty({ icon = "sparkles", title, children, actions }: {
  icon?: IconName; title: string; children?: ReactNode; actions?: ReactNode;
}) {
  return <Notice icon={icon} title={title} actions={actions}>{children}</Notice>;
}

export function Failure({ failure, retry }: { failure: unknown; retry?: () => void }) {
  const problem = failure instanceof Problem ? failure : null;
  if (problem?.status === 403) {
    return (
      <Notice icon="lock" title="Your role does not open this" role="status">
        <p>{problem.detail || "Another role is needed to see this page."}</p>
        <p>{problem.advice || "Ask an owner of this workspace to change your role."}</p>
      </Notice>
    );
  }
  const missing = problem?.status === 404;
  return (
    <Notice
      icon={missing ? "search" : "triangle-alert"}
      title={problem?.title ?? "Something went wrong here"}
      role="alert"
      actions={retry && !missing && (
        <button className="btn" onClick={retry}><Icon name="refresh-cw" size={14} />Try again</button>
      )}
    >
      <p>{problem?.detail || (problem ? "" : String((failure as Error | null)?.message ?? failure))}</p>
      {problem?.advice && <p>{problem.advice}</p>}
      {problem?.requestId && <p className="tiny">Request <code className="mono">{problem.requestId}</code></p>}
    </Notice>
  );
}

export function Bones({ rows = 8, tall = false }: { rows?: number; tall?: boolean }) {
  return (
    <div className={css.bones} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={css.boneRow} data-tall={tall} aria-hidden>
          <span className="bone" style={{ width: 30, height: 30, borderRadius: "50%" }} />
          <span className="stack grow">
            <span className="bone" style={{ width: `${30 + ((i * 17) % 28)}%` }} />
            <span className="bone" style={{ width: `${18 + ((i * 11) % 20)}%`, height: 9 }} />
          </span>
          <span className="bone" style={{ width: 72 }} />
        </div>
      ))}
    </div>
  );
}

type Readable = {
  data: unknown; error: unknown; isError: boolean; dataUpdatedAt: number; refetch: () => unknown; isFetching: boolean;
};

/** Says when what is shown may be old, and why. */
export function Freshness({ query }: { query: Readable }) {
  const live = useLive();
  const now = useNow(5000);
  const silent = !live.connected && now - live.since > 8000;
  if (query.data === undefined || (!query.isError && !silent)) return null;
  return (
    <div className={css.stale} role="status">
      <Icon name="wifi-off" size={14} />
      <span>
        Last updated {span(now - query.dataUpdatedAt)} ago, {query.isError && !silent ? "the last refresh failed" : "reconnecting"}
      </span>
      <button className="link" onClick={() => void query.refetch()}>{query.isFetching ? "Trying" : "Try now"}</button>
    </div>
  );
}

/** Loading, failed, forbidden, stale or there: every screen says which. */
export function Loaded<T>({ query, bones, children }: {
  query: UseQueryResult<T>; bones?: ReactNode; children: (data: T) => ReactNode;
}) {
  if (query.data === undefined) {
    return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : (bones ?? <Bones />);
  }
  return (
    <>
      <Freshness query={query} />
      {children(query.data)}
    </>
  );
}
