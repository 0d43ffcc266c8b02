import type { PlanEvent, Shape } from "../../../api/sources";

export type Change = { sign: "+" | "−" | "~"; path: string; text: string };

/** The shape most rows of a kind have; every other one is told by how it differs from it. */
export function usualOf(shapes: Shape[]): Shape | undefined {
  return shapes.reduce<Shape | undefined>((best, one) => (!best || one.n > best.n ? one : best), undefined);
}

export function changes(usual: Shape, other: Shape): Change[] {
  const before = new Map(usual.paths.map((one) => [one.path, one.types.join(" or ")]));
  const after = new Map(other.paths.map((one) => [one.path, one.types.join(" or ")]));
  const found: Change[] = [];
  for (const [path, types] of after) {
    const was = before.get(path);
    if (was === undefined) found.push({ sign: "+", path, text: `${path} (${types})` });
    else if (was !== types) found.push({ sign: "~", path, text: `${path}: ${was}, now ${types}` });
  }
  for (const [path, types] of before) if (!after.has(path)) found.push({ sign: "−", path, text: `${path} (${types})` });
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** Shapes by kind, the kinds with something new first. */
export function byKind(shapes: Shape[]): { kind: string; shapes: Shape[]; n: number; isNew: boolean }[] {
  const kinds = new Map<string, Shape[]>();
  for (const shape of shapes) kinds.set(shape.kind, [...(kinds.get(shape.kind) ?? []), shape]);
  return [...kinds]
    .map(([kind, list]) => ({ kind, shapes: [...list].sort((a, b) => b.n - a.n), n: list.reduce((sum, one) => sum + one.n, 0), isNew: list.some((one) => one.new) }))
    .sort((a, b) => Number(b.isNew) - Number(a.isNew) || b.n - a.n);
}

/** A plan that everything seen so far fulfils: the paths that every shape of a kind has. */
export function planFrom(shapes: Shape[]): PlanEvent[] {
  return byKind(shapes).map(({ kind, shapes: list }) => {
    const always = list.map((one) => new Set(one.paths.map((path) => path.path))).reduce((both, paths) => new Set([...both].filter((path) => paths.has(path))));
    const types: Record<string, string> = {};
    for (const { path, types: seen } of list.flatMap((one) => one.paths)) if (always.has(path) && seen.length === 1 && seen[0] && seen[0] !== "null") types[path] = seen[0];
    return { kind, required: [...always].filter((path) => !path.includes("[")).sort(), types };
  });
}
