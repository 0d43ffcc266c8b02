import { useQueryClient } from "@tanstack/react-query";

import { write } from "../../api/client";
import type { Proposal } from "../../api/identity";
import { useGrace } from "../../parts/grace";
import { pairName } from "./pair";

export type Decision = "accept" | "reject";
const TOUCHED = ["proposals", "conflicts", "personas", "persona", "records", "overview", "audit"];

/** Whether two are one, decided with a moment to take it back. */
export function useDecisions() {
  const client = useQueryClient();
  return useGrace<Proposal, Decision>(
    (row, decision, leaving) => write<Proposal>(`/api/identity/proposals/${row.id}/${decision}`, {}, "POST", leaving),
    () => { for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] }); },
    {
      said: (row, decision) => (decision === "accept" ? { tone: "good", text: `One: ${pairName(row)}` } : { tone: "plain", text: `Kept apart: ${pairName(row)}` }),
      name: pairName,
      late: "A decision is sent after six seconds. Two that were joined can be separated on the person's own page.",
    },
  );
}
