import type { LiveRow, PlanEvent, Shape } from "../../../api/sources";

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

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (value !== null && typeof value === "object") return "object";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "boolean" ? "boolean" : "text";
}

/** A plan that everything seen lately fulfils: the properties every event of a kind has, where they are of one type. */
export function planFrom(rows: LiveRow[]): PlanEvent[] {
  const kinds = new Map<string, Record<string, unknown>[]>();
  for (const event of rows.flatMap((row) => row.events)) kinds.set(event.kind, [...(kinds.get(event.kind) ?? []), event.props ?? {}]);
  return [...kinds].map(([kind, seen]) => {
    const always = Object.keys(seen[0] ?? {}).filter((name) => seen.every((props) => props[name] !== undefined && props[name] !== null)).sort();
    const types: Record<string, string> = {};
    for (const name of always) {
      const found = new Set(seen.map((props) => typeOf(props[name])));
      if (found.size === 1) types[name] = [...found][0] as string;
      else if ([...found].every((type) => type === "integer" || type === "number")) types[name] = "number";
    }
    return { kind, name: "", required: always, types };
  });
}
