import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../../api/client";
import type { Ask, Reminders as Told } from "../../api/contract";
import { Icon } from "../../parts/icons";
import { toastProblem } from "../../parts/toast";
import { useKnownSession } from "../../session";
import css from "./detail.module.css";

/** What else an approval covers: when a reminder would go, went, or why it does not; and the switch. */
export function Reminders({ ask }: { ask: Ask }) {
  const client = useQueryClient();
  const mayDecide = useKnownSession().may.includes("asks.decide");
  const told = ask.follow_ups;
  const change = useMutation({
    mutationFn: (on: boolean) => write<Told>(`/api/asks/${ask.id}/follow-ups`, { on }, "PUT"),
    onSuccess: (follow_ups) => client.setQueryData<Ask>(["ask", ask.id], (before) => before && { ...before, follow_ups }),
    onError: (failure) => toastProblem("The reminder stays as it was", failure),
    onSettled: () => void client.invalidateQueries({ queryKey: ["ask", ask.id] }),
  });
  if (told.reminders.length === 0 && ask.state !== "suggested") return null;
  return (
    <div className={css.reminder}>
      <Icon name="clock" size={14} />
      <p className="grow">
        {told.sentence}
      </p>
      {told.may_switch && mayDecide && (
        <button className="btn small" disabled={change.isPending} onClick={() => change.mutate(!told.on)}>{told.on ? "Do not remind" : "Remind after all"}</button>
      )}
    </div>
  );
}
