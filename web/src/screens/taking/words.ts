import type { ProgramForm } from "../../api/programs";
import type { Bounty, Registering } from "../../api/taking";
import type { Tone } from "../../parts/ui";

/** States of applications, acts and deals as a person says them. */
export const STATES: Record<string, { name: string; tone: Tone }> = {
  waiting: { name: "Waits", tone: "warn" }, approved: { name: "Approved", tone: "good" }, rejected: { name: "Declined", tone: "plain" },
  open: { name: "Protected", tone: "info" }, won: { name: "Won", tone: "good" }, lost: { name: "Lost", tone: "plain" }, expired: { name: "Lapsed", tone: "plain" },
};
export const stateOf = (state: string): { name: string; tone: Tone } => STATES[state] ?? { name: state, tone: "plain" };

const USUAL_STAGES = ["registered", "accepted", "qualified", "proposal", "won"];
export const bountiesOf = (file: ProgramForm | undefined): Bounty[] => (Array.isArray(file?.bounties) ? (file.bounties as Bounty[]) : []);
export const registeringOf = (file: ProgramForm | undefined): Registering | null => (file?.registration ? (file.registration as Registering) : null);
export const stagesOf = (rules: Registering | null): string[] => [...(rules?.stages ?? USUAL_STAGES), "lost"];
export const PROOFS: Record<string, string> = { link: "a link to it", text: "a few words about it", none: "no proof needed" };
/** Only what is a web address is made one. */
export const isLink = (proof: string): boolean => /^https?:\/\/\S+$/.test(proof.trim());
