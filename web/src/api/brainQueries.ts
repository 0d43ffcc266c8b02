import { useQuery } from "@tanstack/react-query";

import type { AdvocateRow, Autonomy, AutonomyAct, AutonomyRow, Expert, Experts, MomentQuality, MomentRow, Opinions, Readiness, Track, Verified } from "./brain";
import type { Experiment, ExperimentPage, Growth } from "./experiments";
import type { Budgets, Diff, Playbook, PlaybookRow } from "./playbooks";
import { one, useListing, type Filters } from "./queries";

export const useAdvocates = (filters: Filters) => useListing<AdvocateRow>("advocates", "/api/advocates", filters);
export const useReadiness = (id: string) => useQuery(one<Readiness>(["readiness", id], `/api/personas/${id}/readiness`, { on: id !== "" }));

export const useExperiments = (filters: Filters = {}) => useListing<Experiment>("experiments", "/api/experiments", filters);
export const useExperiment = (id: string) => useQuery(one<ExperimentPage>(["experiment", id], `/api/experiments/${id}`, { on: id !== "" }));
export const useGrowth = () => useQuery(one<Growth>(["growth"], "/api/growth"));

export const useExperts = () => useListing<Expert, Experts>("experts", "/api/experts");
export const useTrack = (name: string) => useListing<Track>(`track-${name}`, `/api/experts/${name}/track`, { limit: "200" });
export const useOpinions = (ask: string) => useQuery(one<Opinions>(["opinions", ask], `/api/asks/${ask}/opinions`, { on: ask !== "" }));
export const useAutonomy = (filters: Filters = {}) => useListing<AutonomyRow, Autonomy>("autonomy", "/api/autonomy", filters);
export const useAutonomyHistory = (filters: Filters = {}) => useListing<AutonomyAct>("autonomy-history", "/api/autonomy/history", filters);
export const useVerified = () => useQuery(one<Verified>(["autonomy-history", "verified"], "/api/autonomy/verify"));

export const usePlaybooks = (filters: Filters) => useListing<PlaybookRow>("playbooks", "/api/playbooks", filters);
export const usePlaybook = (slug: string) => useQuery(one<Playbook>(["playbook", slug], `/api/playbooks/${slug}`, { on: slug !== "" }));
export const useBudgets = () => useQuery(one<Budgets>(["budgets"], "/api/budgets"));
export const useDiff = (slug: string, from: number, to: number) =>
  useQuery(one<Diff>(["playbook-diff", slug, from, to], `/api/playbooks/${slug}/diff?from=${from}&to=${to}`, { on: from !== to }));

export const useMoments = (filters: Filters) => useListing<MomentRow>("moments", "/api/moments", filters);
export const useMomentQuality = () => useListing<MomentQuality>("moment-quality", "/api/moments/quality");
