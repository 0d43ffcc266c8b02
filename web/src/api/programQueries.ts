import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { read, write } from "./client";
import { spelledOut, type Attribute, type Diff, type ProgramDetail, type ProgramForm, type ProgramRow, type Published, type Saved, type Simulation, type Template } from "./programs";
import { one } from "./queries";

export const useProgramRows = () => useQuery(one<{ rows: ProgramRow[] }>(["programs"], "/api/programs"));
const whole = (found: ProgramDetail): ProgramDetail => ({ ...found, file: spelledOut(found.file) });
const wholeTemplates = ({ rows }: { rows: Template[] }) => ({ rows: rows.map((one) => ({ ...one, file: spelledOut(one.file) })) });

export const useProgram = (slug: string) => useQuery({ ...one<ProgramDetail>(["program", slug], `/api/programs/${slug}`), select: whole });
export const useTemplates = () => useQuery({ ...one<{ rows: Template[] }>(["program-templates"], "/api/program-templates"), staleTime: 600_000, select: wholeTemplates });
export const useProgramDiff = (slug: string, before: number, after: number) =>
  useQuery({ queryKey: ["program-diff", slug, before, after], queryFn: ({ signal }) => read<Diff>(`/api/programs/${slug}/diff`, { before, after }, signal) });
export const useProgramYaml = (slug: string, version: number) =>
  useQuery({ queryKey: ["program-yaml", slug, version], queryFn: ({ signal }) => read<{ yaml: string }>(`/api/programs/${slug}/yaml`, { version }, signal) });

/** What conditions can speak of here besides what every program knows. */
export const useAttributes = (on: boolean) => useQuery({ ...one<{ rows: Attribute[] }>(["program-attributes"], "/api/program-attributes", { on }), staleTime: 300_000, retry: false });

const TOUCHED = ["programs", "program", "program-diff", "program-yaml", "audit"];
function useProgramWrite<Input, Output>(send: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => { for (const name of TOUCHED) void client.invalidateQueries({ queryKey: [name] }); } });
}

export const useCreateProgram = () => useProgramWrite((file: ProgramForm) => write<Saved & { slug: string }>("/api/programs", { file }));
export const saveDraft = (slug: string, body: { file: ProgramForm; base: number } | { yaml: string; base: number }) => write<Saved>(`/api/programs/${slug}/draft`, body, "PUT");
export const useImportYaml = (slug: string, base: number) => useProgramWrite((yaml: string) => saveDraft(slug, { yaml, base }));
export const usePublish = (slug: string) => useProgramWrite((input: { version: number; note: string }) => write<Published>(`/api/programs/${slug}/publish`, input));
export const useConfirmPublish = (slug: string) => useProgramWrite((version: number) => write<Published>(`/api/programs/${slug}/confirm`, { version }));
export const useRejectPublish = (slug: string) => useProgramWrite((version: number) => write<unknown>(`/api/programs/${slug}/reject`, { version }));
export const useRollback = (slug: string) => useProgramWrite((version: number) => write<Published>(`/api/programs/${slug}/rollback`, { version }));
export const startSimulation = (slug: string, version: number, months: number) => write<Simulation>(`/api/programs/${slug}/simulate`, { version, months });
/** Asked again while it runs: a reload finds it where it was. */
export const useSimulation = (slug: string, id: string) =>
  useQuery({ ...one<Simulation>(["simulation", slug, id], `/api/programs/${slug}/simulations/${id}`, { on: id !== "" }), refetchInterval: (query) => (query.state.data?.state === "running" ? 700 : false) });
