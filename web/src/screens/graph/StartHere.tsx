import { useQuery } from "@tanstack/react-query";

import type { Listing } from "../../api/contract";
import { one, usePersonas } from "../../api/queries";
import { Finder } from "../../graph/Finder";
import { Icon } from "../../parts/icons";
import { Bones, Empty, Failure, Freshness } from "../../parts/states";
import { Avatar, Scroll } from "../../parts/ui";
import { Link, setParams } from "../../router";
import css from "./graph.module.css";

type Leader = { id: string; name: string; title: string; score: number };

/** Nobody is in the middle yet: search, or begin with the most influential, or with those heard of last. */
export function StartHere() {
  const leaders = useQuery({ ...one<Listing<Leader>>(["influence-list"], "/api/influence?limit=6"), retry: false }).data?.rows ?? [];
  const query = usePersonas({ limit: "9" });
  const rows = query.data?.pages[0]?.rows;
  if (rows === undefined) return query.isError ? <Failure failure={query.error} retry={() => void query.refetch()} /> : <Bones rows={6} />;
  if (rows.length === 0) {
    return <Empty icon="waypoints" title="The graph is empty" actions={<Link className="btn primary" to="/sources">Connect a source</Link>}>People, companies and what connects them appear as soon as the first events arrive.</Empty>;
  }
  return (
    <Scroll label="Where to start">
      <Freshness query={query} />
      <div className={css.start}>
        <h2>Whom shall we look at?</h2>
        <Finder label="A person or a company" onFound={(found) => setParams({ centre: found.id })} />
        {leaders.length > 0 && (
          <>
            <h3>Most influential</h3>
            <ul>
              {leaders.slice(0, 6).map((row) => (
                <li key={row.id}><Link to={`/graph?centre=${row.id}`} className={css.startRow}><Avatar name={row.name} /><span className="grow"><span className="strong clip">{row.name}</span><span className="small muted clip">{row.title || "Title not known"}</span></span><span className="small muted num">influence {row.score.toFixed(2)}</span><Icon name="chevron-right" size={14} /></Link></li>
              ))}
            </ul>
          </>
        )}
        <h3>Heard of last</h3>
        <ul>
          {rows.slice(0, leaders.length > 0 ? 4 : 9).map((row) => (
            <li key={row.id}>
              <Link to={`/graph?centre=${row.id}`} className={css.startRow}><Avatar name={row.name} /><span className="grow"><span className="strong clip">{row.name}</span><span className="small muted clip">{[row.title, row.company?.name].filter(Boolean).join(", ") || "Title not known"}</span></span><span className="small muted num">{row.edges} edges</span><Icon name="chevron-right" size={14} /></Link>
            </li>
          ))}
        </ul>
        <p className="small muted">Or <button className="link" onClick={() => setParams({ mode: "ask" })}>ask the graph a question</button>, or <button className="link" onClick={() => setParams({ mode: "path" })}>find the way between two people</button>.</p>
      </div>
    </Scroll>
  );
}
