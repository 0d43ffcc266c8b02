import { Box } from "../../parts/sheet";

const KEYS: [string, string[]][] = [
  ["They are one", ["A", "Enter"]], ["Keep apart", ["R"]], ["Next, decide later", ["J"]], ["Previous", ["K"]], ["Take the last decision back", ["U"]], ["More or less evidence", ["E"]], ["Every shortcut of the console", ["?"]],
];

/** The keys of this queue. */
export function ReviewHelp({ onClose }: { onClose: () => void }) {
  return (
    <Box title="Decide by keyboard" onClose={onClose} foot={<button className="btn primary" onClick={onClose}>Good</button>}>
      <dl className="stack">
        {KEYS.map(([what, keys]) => <div key={what} className="row"><dt className="grow">{what}</dt><dd className="row" style={{ gap: 4 }}>{keys.map((key) => <kbd key={key} className="kbd">{key}</kbd>)}</dd></div>)}
      </dl>
      <p className="small muted">A decision is sent after six seconds; until then U takes it back without a trace.</p>
    </Box>
  );
}
