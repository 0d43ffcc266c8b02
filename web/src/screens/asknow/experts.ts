import { words } from "../../format";

const EXPERTS: Record<string, string> = { science: "Science", strategy: "Strategy", vertical: "Industry", language: "Language model" };
/** The name people know an expert by. */
export const expertName = (name: string): string => EXPERTS[name] ?? words(name);
