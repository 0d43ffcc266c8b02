import { address } from "../api/client";
import { Icon } from "./icons";
import { SelfMenu } from "./menu";

/** A filter that says what it holds to: "Every stage", or the one chosen. */
export function Filter({ label, every, value, choices, onChoose }: {
  label: string; every: string; value: string; choices: Readonly<Record<string, string>>; onChoose: (id: string | null) => void;
}) {
  return (
    <SelfMenu
      label={label} className="btn small" align="right" button={<>{value ? (choices[value] ?? value) : every}<Icon name="chevron-down" size={13} /></>}
      onChoose={(id) => onChoose(id === "-" ? null : id)}
      choices={[{ id: "-", label: every, checked: value === "" }, ...Object.entries(choices).map(([id, name]) => ({ id, label: name, checked: id === value }))]}
    />
  );
}

/** The whole list, as the filters have it, for a spreadsheet. */
export function ExportCsv({ path, filters }: { path: string; filters?: Record<string, string | null | undefined> }) {
  return <a className="btn small" href={address(path, { ...filters, format: "csv" })} download><Icon name="download" size={14} />Export CSV</a>;
}
