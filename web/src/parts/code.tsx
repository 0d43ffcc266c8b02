import { useState, type ReactNode } from "react";

import css from "./code.module.css";
import { Icon } from "./icons";
import { toast } from "./toast";

const PIECE = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g;
const MOST = 20_000; // longer texts are shown plainly: colouring them would hold up the page

/** The text with names, words and figures told apart. */
function coloured(text: string): ReactNode[] {
  if (text.length > MOST) return [text];
  const parts: ReactNode[] = [];
  let at = 0;
  for (const hit of text.matchAll(PIECE)) {
    parts.push(text.slice(at, hit.index));
    const kind = hit[2] ? css.key : hit[1] ? css.word : css.figure;
    parts.push(<span key={hit.index} className={kind}>{hit[1] ?? hit[0]}</span>);
    if (hit[2]) parts.push(hit[2]);
    at = hit.index + hit[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** JSON in lines that can be read; anything else as it is. */
export function pretty(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2) ?? "";
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

/** A button that copies, and says that it did. */
export function Copy({ text, label, words = false }: { text: string; label: string; words?: boolean }) {
  const [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(
      () => {
        setDone(true);
        window.setTimeout(() => setDone(false), 1600);
      },
      () => toast("bad", "The browser refused to copy", { detail: "Mark the text and copy it by hand." }),
    );
  };
  return (
    <button type="button" className={`btn small ${words ? "" : "quiet square"}`} aria-label={words ? undefined : label} onClick={copy}>
      <Icon name={done ? "check" : "copy"} size={14} />{words && (done ? "Copied" : label)}
    </button>
  );
}

/** A block of JSON or code with its name and a way to copy it. */
export function Code({ value, label, height, foot }: { value: unknown; label: string; height?: number; foot?: ReactNode }) {
  const text = pretty(value);
  return (
    <div className={css.box} style={height ? { ["--code-height" as string]: `${height}px` } : undefined}>
      <div className={css.bar}><span className="clip">{label}</span><span className={css.copy}><Copy text={text} label={`Copy: ${label}`} /></span></div>
      <pre className={css.text} tabIndex={0} role="region" aria-label={label}>{coloured(text)}</pre>
      {foot}
    </div>
  );
}

/** One line that is meant to be copied: an address, a key. */
export function CopyLine({ text, label }: { text: string; label: string }) {
  return (
    <div className={css.inline}>
      <code className="mono clip grow" title={text}>{text}</code>
      <Copy text={text} label={label} />
    </div>
  );
}
