import { useState } from "react";

import type { DeadLetter, LetterOutcome } from "../../../api/sources";
import { moment, words } from "../../../format";
import { Code, pretty } from "../../../parts/code";
import { Icon } from "../../../parts/icons";
import { Sheet } from "../../../parts/sheet";
import { toast } from "../../../parts/toast";
import { Badge, Fact, toneOf } from "../../../parts/ui";
import { Link } from "../../../router";
import { Note } from "../events";
import { useSourceWrite } from "../writes";
import css from "./letters.module.css";
import { reasonName, stageName } from "./reasons";

const CUT = 4000; // what a list shows of a body

type Act = { act: "retry" | "drop" | "edit"; body?: string };

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One letter: why it is here, what it carries, and the ways out. */
export function LetterSheet({ letter, mayWrite, onClose }: { letter: DeadLetter; mayWrite: boolean; onClose: () => void }) {
  const [text, setText] = useState<string | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const send = useSourceWrite<Act, LetterOutcome>(({ act, body }) => ({ path: `/api/dead-letters/${letter.id}/${act}`, body: body === undefined ? {} : { body } }), { refused: "The letter was left as it was" });
  const cut = letter.body.length >= CUT;
  const isOpen = letter.state === "open";
  const run = (act: Act) => {
    setSaid(null);
    send.mutate(act, {
      onSuccess: (answer) => {
        if (answer.problem) return setSaid(answer.problem);
        toast("good", act.act === "drop" ? "Dropped; it stays in its list for the record" : "It went through", act.act === "drop" ? {} : { detail: "The event is in the log and is being read." });
        onClose();
      },
    });
  };
  const invalid = text !== null && !isJson(text);
  return (
    <Sheet
      title={reasonName(letter.reason)} note={letter.source || undefined} onClose={onClose}
      foot={mayWrite && isOpen && (text === null ? (
        <>
          <button className="btn primary" disabled={send.isPending} onClick={() => run({ act: "retry" })}><Icon name="repeat" size={14} />Retry as it is</button>
          <button className="btn" disabled={cut} title={cut ? "Only its first 4,000 characters are shown here; mend it with the command line" : undefined} onClick={() => setText(pretty(letter.body))}><Icon name="pencil" size={14} />Edit and retry</button>
          <button className="btn danger" disabled={send.isPending} onClick={() => run({ act: "drop" })}>Drop</button>
        </>
      ) : (
        <>
          <button className="btn primary" disabled={send.isPending || invalid} onClick={() => run({ act: "edit", body: text })}>Save and retry</button>
          <button className="btn" onClick={() => setText(null)}>Leave it as it was</button>
          {invalid && <span className="small bad">Not JSON yet</span>}
        </>
      ))}
    >
      <div className={css.gap}>
        {said ? <Note tone="bad" title="It failed again.">{said}</Note> : <Note tone="warn" title={`${reasonName(letter.reason)}.`}>{letter.detail}</Note>}
        <dl>
          <Fact name="State"><Badge tone={toneOf(letter.state)}>{words(letter.state)}</Badge></Fact>
          <Fact name="Came">{moment(letter.at)}</Fact>
          <Fact name="Stopped at">{stageName(letter.stage)}</Fact>
          <Fact name="Tried">{letter.attempts === 1 ? "Once" : `${letter.attempts} times`}</Fact>
          {letter.closed_at && <Fact name="Closed">{moment(letter.closed_at)}{letter.closed_by && ` by ${letter.closed_by}`}</Fact>}
          <Fact name="Source"><Link className="link" to={`/sources/${letter.source_id}`}>{letter.source || "Open the source"}</Link></Fact>
        </dl>
        {text !== null ? (
          <label><span className="label">The body, as it should have been</span><textarea className={`field ${css.editor}`} rows={18} spellCheck={false} value={text} aria-invalid={invalid} onChange={(event) => setText(event.target.value)} autoFocus /></label>
        ) : letter.body ? <Code label={cut ? "As it came, the first 4,000 characters" : "As it came"} value={letter.body} height={460} /> : <p className="small muted">It came without a body.</p>}
      </div>
    </Sheet>
  );
}
