import type { Asked, Cell } from "../../api/graph";
import { words } from "../../format";

/** Where something in an answer can be opened. */
export function pageOf(cell: Cell): string | null {
  if (cell === null || typeof cell !== "object") return null;
  return cell.kind === "persona" ? `/people/${cell.id}` : cell.kind === "company" ? `/companies/${cell.id}` : null;
}

/** A cell as text, for the table and for the file. */
export function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  if (typeof cell === "number") return Number.isInteger(cell) ? String(cell) : cell.toFixed(2);
  if (typeof cell === "object") return cell.name ?? "";
  return /^\d{4}-\d{2}-\d{2}T/.test(cell) ? cell.slice(0, 10) : cell;
}

const argument = (value: unknown): string => {
  if (typeof value === "object" && value !== null && "name" in value) return JSON.stringify((value as { name: unknown }).name);
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}T/.test(value) ? value.slice(0, 10) : JSON.stringify(value);
};

/** The call as one would write it: who_uses(product = "Dispatch", company = "Northwind"). */
export function callText(call: NonNullable<Asked["call"]>): string {
  const parts = Object.entries(call.arguments).filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => `${name} = ${argument(value)}`);
  return `${call.name}(${parts.join(", ")})`;
}

/** Columns that only carry an id for the link are not drawn. */
export const drawn = (columns: string[]): number[] => columns.map((_, i) => i).filter((i) => !/(^|_)id$/.test(columns[i] ?? ""));

export const headOf = (column: string): string => words(column);
