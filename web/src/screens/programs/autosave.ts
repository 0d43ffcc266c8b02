import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { saveDraft } from "../../api/programQueries";
import type { ProgramDetail, ProgramForm } from "../../api/programs";

export type Keeping = { state: "same" | "typing" | "saving" | "saved" | "failed"; at: number | null; failure: unknown };

/** A draft that is kept as it is written; drafts change nothing that is in force. */
export function useDraft(program: ProgramDetail) {
  const client = useQueryClient();
  const [form, setForm] = useState<ProgramForm>(program.file);
  const [keeping, setKeeping] = useState<Keeping>({ state: "same", at: null, failure: null });
  const wanted = useRef<ProgramForm | null>(null);
  const sending = useRef<Promise<number | null> | null>(null);
  const kept = useRef<number | null>(program.draft_version);
  const timer = useRef(0);
  const { slug, version: base } = program;

  const flush = useCallback(async (): Promise<number | null> => {
    window.clearTimeout(timer.current);
    // One write at a time, and the newest last.
    while (sending.current) await sending.current;
    const file = wanted.current;
    if (!file) return kept.current;
    wanted.current = null;
    setKeeping((before) => ({ ...before, state: "saving" }));
    const run = saveDraft(slug, { file, base }).then(
      (saved) => {
        kept.current = saved.version;
        setKeeping({ state: wanted.current ? "typing" : "saved", at: Date.now(), failure: null });
        for (const name of ["programs", "program-diff", "program-yaml"]) void client.invalidateQueries({ queryKey: [name] });
        client.setQueryData<ProgramDetail>(["program", slug], (now) => now && { ...now, file, draft: saved.version, draft_version: saved.version });
        return saved.version;
      },
      (failure: unknown) => {
        wanted.current ??= file;
        setKeeping({ state: "failed", at: null, failure });
        return null;
      },
    );
    sending.current = run;
    const version = await run;
    sending.current = null;
    return version;
  }, [base, client, slug]);

  const change = useCallback((next: ProgramForm) => {
    setForm(next);
    wanted.current = next;
    setKeeping((before) => ({ ...before, state: "typing" }));
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void flush(), 900);
  }, [flush]);

  useEffect(() => () => void flush(), [flush]);
  return { form, change, keeping, flush, version: kept.current };
}
