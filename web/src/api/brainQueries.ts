import { useQuery } from "@tanstack/react-query";

import type { AdvocateRow, Autonomy, AutonomyChange, AutonomyRow, Expert, ExpertTrack, MomentQuality, MomentRow, Readiness } from "./brain";
import type { Experiment, ExperimentPage, Growth } from "./experiments";
import type { Diff, Playbook, PlaybookRow } from "./playbooks";
import { one, useListing, type Filters } from "./queries";

export const useAdvocates = (filters: Filters) => useListing<AdvocateRow>("advocates", "/api/advocates", filters);
export const useReadiness = (id: string) => useQuery(one<Readiness>(["readiness", id], `/api/personas/${id}/readiness`, { on: id !== "" }));

export const useExperiments = (filters: Filters = {}) => useListing<Experiment>("experiments", "/api/experiments", filters);
export const useExperiment = (id: string) => useQuery(one<ExperimentPage>(["experiment", id], `/api/experiments/${id}`, { on: id !== "" }));
export const useGrowth = () => useQuery(one<Growth>(["growth"], "/api/growth"));

export const useExperts = () => useListing<Expert>("experts", "/api/experts");
export const useTrack = (name: string) => useQuery(one<ExpertTrack>(["track", name], `/api/experts/${name}/track`, { on: name !== "" }));
export const useAutonomy = (filters: Filters = {}) => useListing<AutonomyRow, Autonomy>("autonomy", "/api/autonomy", filters);
export const useAutonomyHistory = () => useListing<AutonomyChange>("autonomy-history", "/api/autonomy/history");

export const usePlaybooks = (filters: Filters) => useListing<PlaybookRow>("playbooks", "/api/playbooks", filters);
export const usePlaybook = (slug: string) => useQuery(one<Playbook>(["playbook", slug], `/api/playbooks/${slug}`, { on: slug !== "" }));
export const useDiff = (slug: string, from: number, to: number) =>
  useQuery(one<Diff>(["playbook-diff", slug, from, to], `/api/playbooks/${slug}/diff?from=${from}&to=${to}`, { on: from !== to }));

export const useMoments = (filters: Filters) => useListing<MomentRow>("moments", "/api/moments", filters);
export const useMomentQuality = () => useListing<MomentQuality>("moment-quality", "/api/moments/quality");
