import { useContext, useEffect, useState, type ReactNode } from "react";

import { useLive } from "../api/live";
import { useOpenCases } from "../api/fraudQueries";
import { useWaiting } from "../api/takingQueries";
import { useOpenProposals, useOpenReadings, useOverview, useRunsAlone } from "../api/queries";
import { count, shortCount } from "../format";
import { startChord, useIsNarrow, useKeys } from "../parts/hooks";
import { Icon } from "../parts/icons";
import { Sheet } from "../parts/sheet";
import { Link, navigate } from "../router";
import { SessionContext } from "../session";
import { DemoControl } from "./DemoControl";
import { Help } from "./Help";
import { LiveMark } from "./LiveMark";
import { OperatorMenu } from "./OperatorMenu";
import { Palette } from "./Palette";
import { isAt, isShown, PLACES } from "./places";
import css from "./shell.module.css";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function useCounts(): Record<string, { short: string; full: string; alarm?: boolean } | undefined> {
  const overview = useOverview().data;
  const live = useLive().pulse;
  const may = useContext(SessionContext)?.may;
  const open = useOpenProposals(may?.includes("people.read") ?? false).data;
  const texts = useOpenReadings((overview !== undefined && may?.includes("people.read")) ?? false).data;
  // A browser speaks to a server six times at once: what is only counted waits until the page has what it shows.
  const cases = useOpenCases((overview !== undefined && may?.includes("referrals.read")) ?? false).data;
  const taking = useWaiting((overview !== undefined && may?.includes("referrals.read")) ?? false).data?.total;
  const alone = useRunsAlone(may?.includes("measures.read") ?? false).data;
  if (!overview) return {};
  const say = (n: number, what: string) => ({ short: shortCount(n), full: `${count(n)} ${what}` });
  return {
    "/": say(live?.queue ?? overview.queue, "waiting"),
    "/people": say(overview.personas, "known"),
    "/people/review": open ? say(open, "to decide") : undefined,
    "/graph/review": texts ? say(texts, "to answer") : undefined,
    "/referrals/fraud": cases ? say(cases, "to decide") : undefined,
    "/programs/taking-part": taking ? say(taking, "to decide") : undefined,
    "/autonomy": alone?.stopped ? { short: "off", full: "Stopped: nothing goes out without a person", alarm: true } : alone?.alone ? { short: String(alone.alone), full: `${alone.alone} steps send some asks without a person` } : undefined,
    "/referrals": say(overview.referrals, "so far"),
  };
}

function Brand() {
  const session = useContext(SessionContext);
  return (
    <div className={css.brand}>
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden>
        <path d="M16 2 28.200 9v14L16 30 3.800 23V9Z" fill="var(--honey)" />
        <path d="M12 10.500v11M20 10.500v11M12 16h8" stroke="var(--honey-ink)" strokeWidth="2.600" strokeLinecap="round" fill="none" />
      </svg>
      <span className="clip strong">{session?.workspace.name ?? "Honeyguide"}</span>
    </div>
  );
}

function Nav({ path }: { path: string }) {
  const counts = useCounts();
  return (
    <nav aria-label="Main">
      <ul className={css.nav}>
        {PLACES.filter((place) => isShown(place, path, place.to in counts && counts[place.to] !== undefined)).map((place) => (
          <li key={place.to}>
            <Link to={place.to} className={css.place} data-under={place.under !== undefined} aria-current={isAt(place.to, path) ? "page" : undefined}>
              <Icon name={place.icon} size={place.under ? 14 : 16} />
              <span className="grow">{place.name}</span>
              {counts[place.to] && <span className={css.count} data-alarm={counts[place.to]?.alarm} title={counts[place.to]?.full}>{counts[place.to]?.short}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PhoneBar({ path, onMore }: { path: string; onMore: () => void }) {
  return (
    <nav className={css.phone} aria-label="Main">
      {PLACES.filter((place) => place.phone).map((place) => (
        <Link key={place.to} to={place.to} aria-current={isAt(place.to, path) ? "page" : undefined}>
          <Icon name={place.icon} size={20} />
          {place.name}
        </Link>
      ))}
      <button onClick={onMore}><Icon name="menu" size={20} />More</button>
    </nav>
  );
}

/** Sidebar, live state and palette around every screen. */
export function Shell({ path, children }: { path: string; children: ReactNode }) {
  const narrow = useIsNarrow();
  const [open, setOpen] = useState<"palette" | "help" | "more" | null>(null);
  const name = PLACES.find((place) => isAt(place.to, path))?.name;
  useEffect(() => {
    document.title = name ? `${name} · Honeyguide` : "Honeyguide";
    setOpen(null);
  }, [name, path]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen((now) => (now === "palette" ? null : "palette"));
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  useKeys({ "?": () => setOpen("help"), g: startChord });
  useKeys(
    Object.fromEntries(
      PLACES.map((place) => [place.key, (event: KeyboardEvent) => { event.preventDefault(); navigate(place.to); }]),
    ),
    true,
    true,
  );
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#page">Skip to the page</a>
      {!narrow && (
        <aside className={css.side} aria-label="Workspace">
          <Brand />
          <button className={css.find} onClick={() => setOpen("palette")}>
            <Icon name="search" size={14} />
            <span className="grow">Go to, find people</span>
            <kbd className="kbd">{isMac ? "⌘" : "Ctrl"} K</kbd>
          </button>
          <Nav path={path} />
          <div className={css.low}>
            <DemoControl />
            <LiveMark />
            <OperatorMenu onHelp={() => setOpen("help")} />
          </div>
        </aside>
      )}
      <main className={css.main} id="page" tabIndex={-1}>{children}</main>
      {narrow && <PhoneBar path={path} onMore={() => setOpen("more")} />}
      {open === "more" && (
        <Sheet title={<Brand />} onClose={() => setOpen(null)}>
          <button className={css.find} onClick={() => setOpen("palette")}>
            <Icon name="search" size={16} /><span className="grow">Go to, find people</span>
          </button>
          <Nav path={path} />
          <div className="stack" style={{ marginTop: 20 }}>
            <DemoControl />
            <LiveMark />
            <OperatorMenu onHelp={() => setOpen("help")} />
          </div>
        </Sheet>
      )}
      {open === "palette" && <Palette onClose={() => setOpen(null)} onHelp={() => setOpen("help")} />}
      {open === "help" && <Help onClose={() => setOpen(null)} />}
    </div>
  );
}
