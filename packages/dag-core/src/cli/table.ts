/** Anything a cell may show. */
export type Cell = string | number | boolean | Date | null | undefined;

/** Rows under a heading: with lines on a terminal, in plain columns elsewhere. */
export async function table(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<string> {
  const texts = rows.map((row) => row.map(cellText));
  if (!process.stdout.isTTY) return plain([columns, ...texts]);
  const { default: Table } = await import("cli-table3");
  const drawn = new Table({ head: [...columns], style: { head: ["bold"], compact: true } });
  drawn.push(...texts);
  return drawn.toString();
}

/** Names and values, one a line. */
export function facts(pairs: Readonly<Record<string, Cell>>): string {
  const shown = Object.entries(pairs).filter(([, value]) => value !== undefined && value !== null);
  return plain(shown.map(([name, value]) => [name, cellText(value)]));
}

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return timeText(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value).replace(/\s*\n\s*/g, " ");
}

/** `2026-01-31 06:00:00Z`. */
export function timeText(at: Date): string {
  return at
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

function plain(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
