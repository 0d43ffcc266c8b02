import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { write } from "../api/client";
import type { GraphEdge, Id } from "../api/contract";
import type { Reviewed, Verdict } from "../api/graph";
import { toast, toastProblem } from "../parts/toast";

const SAID: Record<Verdict, string> = { confirm: "Accepted", refute: "Rejected", correct: "Corrected" };
const TOUCHED = ["graph", "edge", "edge-history", "neighbourhood", "portrait", "story", "difference", "graph-path", "buying-group", "influence", "persona", "ask"];

const LATER = [700, 2000, 5000];

type Said = { verdict: Verdict; corrected?: Id; note?: string };

/** What a person says about an edge, sent at once; Undo takes the statement back, and the belief with it. */
export function useEdgeReview(edge: GraphEdge, sentence: string) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const door = `/api/edges/${edge.kind}/${edge.src}/${edge.dst}/review`;

  const renew = useCallback(() => {
    const again = () => Promise.all(TOUCHED.map((name) => client.invalidateQueries({ queryKey: [name] })));
    // The statement is in the log at once; what follows from it is believed a moment later.
    for (const wait of LATER) window.setTimeout(() => void again(), wait);
    return again();
  }, [client]);

  const takeBack = useCallback(async (undo: Reviewed["undo"]) => {
    try {
      await write(door, undo);
      toast("plain", "Taken back", { detail: sentence });
    } catch (failure) {
      toastProblem("It was not taken back", failure);
    } finally {
      await renew();
    }
  }, [door, renew, sentence]);

  const say = useCallback(async ({ verdict, corrected, note }: Said): Promise<boolean> => {
    setBusy(true);
    try {
      const done = await write<Reviewed>(door, { verdict, ...(corrected ? { corrected_dst: corrected } : {}), ...(note ? { note } : {}) });
      toast(verdict === "refute" ? "plain" : "good", `${SAID[verdict]}: ${sentence}`, {
        detail: "Kept as a statement of yours; it counts wherever this edge is used.",
        action: done.undo ? { label: "Undo", run: () => void takeBack(done.undo) } : undefined,
      });
      return true;
    } catch (failure) {
      toastProblem("Your answer was not kept", failure);
      return false;
    } finally {
      await renew();
      setBusy(false);
    }
  }, [door, renew, sentence, takeBack]);

  return { say, busy };
}
