import { useState } from "react";

import { NOT_NOW_REASONS, NOT_NOW_TEACHES, type NotNowReason, type QueueRow } from "../../api/contract";
import { useAsk } from "../../api/queries";
import { Icon } from "../../parts/icons";
import { Menu } from "../../parts/menu";
import { Box } from "../../parts/sheet";
import { useIsNarrow } from "../../parts/hooks";
import css from "./detail.module.css";

/** Approve, edit, or not now with the reason that teaches. */
export function AskActions({ row, edited, onApprove, onEdit, onNotNow, open, onOpen }: {
  row: QueueRow; edited: boolean; onApprove: () => void; onEdit: () => void; onNotNow: (reason: NotNowReason, note: string) => void;
  open: boolean; onOpen: (open: boolean) => void;
}) {
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState("");
  const narrow = useIsNarrow();
  const covers = useAsk(row.id).data?.follow_ups;
  const key = (name: string) => (narrow ? null : <kbd className="kbd">{name}</kbd>);
  return (
    <>
      {covers?.on && <p className={css.covers}>Approving covers its reminder, too. {covers.sentence}</p>}
      <button className="btn primary grow" onClick={onApprove}>
        <Icon name={row.channel === "email" ? "mail" : "smartphone"} size={15} />
        {edited ? "Approve edited & send" : "Approve & send"} {key("a")}
      </button>
      <button className="btn" onClick={onEdit}>Edit {key("e")}</button>
      <Menu
        label={`Why not ask ${row.persona.name} now?`} side="up" align="right" open={open} onOpen={onOpen} button={<>Not now {key("x")}</>}
        choices={Object.entries(NOT_NOW_REASONS).map(([id, label]) => ({ id, label: <span className={css.reason}><span>{label}</span><span>{NOT_NOW_TEACHES[id as NotNowReason]}</span></span> }))}
        onChoose={(id) => (id === "other" ? setAsking(true) : onNotNow(id as NotNowReason, ""))}
      />
      {asking && (
        <Box
          title="Why not now?" onClose={() => setAsking(false)}
          foot={
            <>
              <button className="btn" onClick={() => setAsking(false)}>Cancel</button>
              <button className="btn primary" disabled={!note.trim()} onClick={() => { setAsking(false); onNotNow("other", note.trim()); }}>Not now</button>
            </>
          }
        >
          <label>
            <span className="label">In your words; it is kept with the decision</span>
            <textarea className="field" rows={3} value={note} onChange={(event) => setNote(event.target.value)} autoFocus />
          </label>
        </Box>
      )}
    </>
  );
}
