import { Sheet } from "../parts/sheet";
import { PLACES } from "./places";
import css from "./shell.module.css";

const GROUPS: { name: string; keys: [string, string[]][] }[] = [
  { name: "Everywhere", keys: [["Go to, find people", ["Ctrl/⌘", "K"]], ["Search this page", ["/"]], ["Next row", ["j"]], ["Previous row", ["k"]], ["Close", ["Esc"]], ["This help", ["?"]]] },
  { name: "Ask now", keys: [["Approve and send", ["Enter"]], ["Approve and send", ["a"]], ["Edit the message", ["e"]], ["Not now", ["x"]]] },
  { name: "Identity review", keys: [["They are one", ["a"]], ["They are one", ["Enter"]], ["Keep apart", ["r"]], ["Take it back", ["u"]], ["Evidence", ["e"]]] },
  { name: "Graph", keys: [["Picture or list", ["v"]], ["Expand the chosen node", ["e"]], ["Close what is chosen", ["Esc"]]] },
  { name: "Reading review", keys: [["The likeliest answer", ["a"]], ["None of these", ["r"]], ["Another answer", ["1", "9"]], ["Take it back", ["u"]]] },
  { name: "Live tail of a source", keys: [["Hold, go on", ["p"]]] },
  { name: "Go to", keys: PLACES.map((place) => [place.name, ["g", place.key]]) },
];

/** Every shortcut on one sheet. */
export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Sheet title="Keyboard shortcuts" onClose={onClose}>
      {/* Nothing here takes the focus: keyboards scroll it all the same. */}
      <div role="region" aria-label="All shortcuts" tabIndex={0}>{GROUPS.map((group) => (
        <section key={group.name}>
          <h3 style={{ margin: "14px 0 4px" }}>{group.name}</h3>
          <dl className={css.keys}>
            {group.keys.map(([what, keys]) => (
              <div key={what + keys.join()}>
                <dt className="muted">{what}</dt>
                <dd>{keys.map((key) => <kbd className="kbd" key={key}>{key}</kbd>)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}</div>
    </Sheet>
  );
}
