import type { Phrase } from "../../api/answers";
import type { QueueRow } from "../../api/contract";
import { ago, left, words } from "../../format";
import { MOMENTS } from "../../parts/ui";

const TONES: Record<string, string> = { partner: "collegial" };

/** How the ask would go out: "by e-mail, warm, short". */
export const wayWords = (row: Pick<QueueRow, "channel" | "tone" | "length">): string =>
  [row.channel === "email" ? "by e-mail" : "in the product", row.tone && (TONES[row.tone] ?? words(row.tone).toLowerCase()), row.length && (row.length === "full" ? "long" : "short")].filter(Boolean).join(", ");

const ended = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** Why them, until the server has told it: the moment, and what speaks most for them. Only what the data hold. */
export function whyWords(row: QueueRow, now: number): string {
  const others = row.why.filter((one) => one.contribution > 0 && one.label !== row.moment.title && one.label !== momentName(row.moment.kind)).slice(0, 2).map((one) => one.label);
  return [ended(`${row.moment.title}, ${ago(row.moment.occurred_at, now)}`), others.length > 0 ? ended(`Also: ${others.join("; ")}`) : ""].filter(Boolean).join(" ");
}
const momentName = (kind: string): string => MOMENTS[kind]?.name ?? words(kind);

export function whenWords(row: QueueRow, now: number): string {
  const rest = left(row.moment.window_ends_at, now);
  return rest.text === "closed" ? "The moment's window has closed; a better one may come." : `Now: the moment stays fresh for another ${rest.text}.`;
}

/** A sentence's end, where the words do not bring their own: "... at Strand Systems Partners K.K." */
export const stop = (text: string): string => (/[.!?]$/.test(text.trim()) ? "" : ".");

const KEY = /([\w-]+)\/(brief|warm|partner|enthusiastic|formal)\/(short|full)\/(email|inapp)/g;

/** A text in which actions stand by their keys, with their names: "Gift card €50, warm, short, by e-mail". */
export function namedActions(text: string, labels: ReadonlyMap<string, string>): string {
  return text.replace(KEY, (key: string, offer: string, tone: string, length: string, channel: string) => {
    const label = (labels.get(key) ?? words(offer)).replace(/ (by e-mail|in the product)$/, "");
    return `${label}, ${wayWords({ channel: channel as QueueRow["channel"], tone, length })}`;
  });
}

export type Piece = { text: string; phrase: Phrase | null };

/** A text cut where its personal phrases stand, the longest first, so that none hides in another. */
export function pieces(text: string, phrases: Phrase[]): Piece[] {
  let cut: Piece[] = [{ text, phrase: null }];
  for (const phrase of [...phrases].sort((a, b) => b.text.length - a.text.length)) {
    if (!phrase.text.trim()) continue;
    cut = cut.flatMap((piece) => {
      if (piece.phrase) return [piece];
      const parts = piece.text.split(phrase.text);
      return parts.flatMap((part, i): Piece[] => (i < parts.length - 1 ? [{ text: part, phrase: null }, { text: phrase.text, phrase }] : [{ text: part, phrase: null }]));
    });
  }
  return cut.filter((piece) => piece.text !== "");
}
