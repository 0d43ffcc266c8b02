import type { Proof } from "./brain";

/** What would become of this ask without a person, at the level of its step. */
export type WouldDo = { step: string; title: string; level: number; alone: boolean; stopped: boolean; sentence: string };

/** Who, why, what and when of an ask in sentences; of one that is decided there is nothing left to tell. */
export type AnswerTold = {
  why: { sentence: string; evidence: Proof | null }[];
  what: { offer: string; channel: string; because: string } | null;
  /** `at` is "now", or null when something is missing first. */
  when: { at: string | null; until: string; because: string } | null;
  stage: string | null;
  segment: string | null;
  readiness: { score: number; low: number; high: number } | null;
  without: WouldDo | null;
};

/** A personal phrase of the message, the fact behind it, and what it rests on. */
export type Phrase = { text: string; fact: string; confidence: number; evidence: Proof };
/** `disclosure`: the sentence the law asks for (empty: none), with the law it is for. */
export type Phrases = { rows: Phrase[]; disclosure: string; law: string };
export type Rewritten = { rewritten: boolean; subject: string; body: string; model: string; reason: string };
