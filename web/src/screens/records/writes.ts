import { useMutation, useQueryClient } from "@tanstack/react-query";

import { write } from "../../api/client";
import type { OwnRecord } from "../../api/identity";
import { words } from "../../format";
import { toast, toastProblem } from "../../parts/toast";

export type Whose = "personas" | "companies";
const READ_AGAIN = ["records", "persona", "personas", "company", "timeline", "neighbourhood", "proposals", "conflicts", "overview", "audit"];

/** Separating and joining records; either is the other's undo. */
export function useRecordWrites(whose: Whose, id: string) {
  const client = useQueryClient();
  const again = () => {
    for (const name of READ_AGAIN) void client.invalidateQueries({ queryKey: [name] });
    void client.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith("timeline-") });
  };
  const link = useMutation({
    mutationFn: (record: OwnRecord) => write(`/api/${whose}/${id}/link`, { record: record.id }),
    onSuccess: (_, record) => toast("good", `${words(record.source)} ${record.ext_id} is part of this again`),
    onError: (failure) => toastProblem("The record was not joined", failure),
    onSettled: again,
  });
  const separate = useMutation({
    mutationFn: (record: OwnRecord) => write<{ entities: unknown[] }>(`/api/${whose}/${id}/separate`, { records: [record.id] }),
    onSuccess: (_, record) => toast("good", `${words(record.source)} ${record.ext_id} stands on its own now`, { detail: "Its events went with it, and nothing joins the two again by itself.", action: { label: "Undo", run: () => link.mutate(record) } }),
    onError: (failure) => toastProblem("Nothing was separated", failure),
    onSettled: again,
  });
  return { separate, link };
}
