const TRIGGERS = /^\s*[=+\-@\t\r\n]/;

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  // A spreadsheet would run such a text; numbers stay numbers.
  const safe = typeof value !== "number" && TRIGGERS.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows that are all here already, as a CSV file. Lists that come in pages are exported by the server. */
export function saveCsv(name: string, rows: Record<string, unknown>[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const text = [columns.map(cell).join(","), ...rows.map((row) => columns.map((column) => cell(row[column])).join(","))].join("\r\n");
  const address = URL.createObjectURL(new Blob([text, "\r\n"], { type: "text/csv" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = `${name}.csv`;
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
