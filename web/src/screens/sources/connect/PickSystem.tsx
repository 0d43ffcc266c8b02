import { useState } from "react";

import type { Connector } from "../../../api/sources";
import { useKeys } from "../../../parts/hooks";
import { Icon } from "../../../parts/icons";
import { Empty } from "../../../parts/states";
import { Badge, SearchField } from "../../../parts/ui";
import { Link } from "../../../router";
import { SystemTile } from "../StateMark";
import { GROUPS, groupIn, PUSH, type Group } from "../systems";
import css from "./connect.module.css";

type Tile = { key: string; to: string; kind: string; label: string; about: string; group: Group; pulls: boolean };

function tilesOf(connectors: Connector[]): Tile[] {
  const pulled = connectors.map((one) => ({
    key: one.connector, to: `/sources/connect?with=${encodeURIComponent(one.connector)}`, kind: one.connector, label: one.label, about: one.about,
    group: groupIn(one), pulls: one.streams.length > 0,
  }));
  // What a definition of the workspace reads needs no plain door beside it.
  const known = new Set(connectors.map((one) => one.label));
  const pushed = PUSH.filter((one) => !known.has(one.label)).map((one) => ({ key: `push-${one.kind}`, to: `/sources/connect?push=${one.kind}`, kind: one.kind, label: one.label, about: one.about, group: one.group, pulls: false }));
  return [...pulled, ...pushed];
}

/** Every system that can be connected, by what it is good for. */
export function PickSystem({ connectors }: { connectors: Connector[] }) {
  const [text, setText] = useState("");
  useKeys({ "/": (event) => { event.preventDefault(); document.getElementById("system-search")?.focus(); } });
  const wanted = text.trim().toLowerCase();
  const tiles = tilesOf(connectors).filter((tile) => `${tile.label} ${tile.about} ${tile.kind}`.toLowerCase().includes(wanted));
  return (
    <>
      <div className={css.pickHead}>
        <div className={css.lead}><h2>What should Honeyguide listen to?</h2><p>Most teams begin with the CRM, then the helpdesk. Each takes a few minutes, and you see what it brings before anything is kept.</p></div>
        <SearchField id="system-search" value={text} onChange={setText} label="Search systems" />
      </div>
      <div className={css.groups}>
        {GROUPS.map((group) => {
          const inside = tiles.filter((tile) => tile.group === group.key).sort((a, b) => a.label.localeCompare(b.label));
          if (inside.length === 0) return null;
          return (
            <section key={group.key} aria-label={group.name}>
              <div className={css.groupHead}><h3>{group.name}</h3><p className="small muted">{group.about}</p></div>
              <ul className={css.tiles}>
                {inside.map((tile) => (
                  <li key={tile.key}>
                    <Link className={css.tile} to={tile.to}>
                      <SystemTile kind={tile.kind} />
                      <span className="grow">
                        <span className="row"><b className="strong clip">{tile.label}</b>{!tile.pulls && <Badge title="The system sends to an address of ours">sends to us</Badge>}</span>
                        <p>{tile.about}</p>
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
      {tiles.length === 0 && (
        <Empty icon="search" title={`No connector is named “${text.trim()}”`} actions={<Link className="btn" to="/sources/connect?push=webhook"><Icon name="webhook" size={15} />Take its webhook instead</Link>}>
          Any system that can call an address works as a webhook, and its payloads can be mapped afterwards.
        </Empty>
      )}
    </>
  );
}
