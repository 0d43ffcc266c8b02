import type { Span } from "../../api/inference";

export type Piece = { kind: "plain" | "evidence" | "hidden"; text: string };

// What the eye does not see but a machine reads: joiners, direction marks, tags.
const HIDDEN = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;

/** U+202E, so that what is invisible is told by its number. */
export const codeOf = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/**
 * The text cut at its evidence and at what is invisible in it. Places are counted in code points, as the server
 * counts them; a place whose words do not stand there is left out, never guessed.
 */
export function pieces(text: string, spans: Span[]): Piece[] {
  const chars = [...text];
  const marked = new Array<boolean>(chars.length).fill(false);
  for (const { start, end, words } of spans) {
    if (start < 0 || end > chars.length || start >= end) continue;
    if (words !== undefined && chars.slice(start, end).join("") !== words) continue;
    marked.fill(true, start, end);
  }
  const found: Piece[] = [];
  let runOfHidden = 0;
  chars.forEach((char, i) => {
    const isHidden = HIDDEN.test(char);
    runOfHidden = isHidden ? runOfHidden + 1 : 0;
    const kind = isHidden ? "hidden" : marked[i] ? "evidence" : "plain";
    const shown = isHidden ? (runOfHidden <= 3 ? codeOf(char) : runOfHidden === 4 ? "…" : "") : char;
    const last = found[found.length - 1];
    if (last && last.kind === kind && kind !== "hidden") last.text += shown;
    else if (shown !== "") found.push({ kind, text: shown });
  });
  return found;
}
