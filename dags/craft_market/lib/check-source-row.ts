import type { SourceColumn, SourceTable } from "./source-tables.ts";

/** A row as a file or a database gives it; undefined where its cells are not those of the columns. */
export interface GivenRow {
  readonly values: Readonly<Record<string, string | null>> | undefined;
  /** What is kept of a row without values. */
  readonly cells?: readonly string[];
}

/** A row that a table of a source cannot take, as `dq.rejected_rows` keeps it. */
export interface Refused {
  readonly row_key: string;
  readonly reason_code: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type Checked =
  | { readonly cells: readonly (string | null)[]; readonly refused?: undefined }
  | { readonly cells?: undefined; readonly refused: Refused };

const wholeNumber = /^-?\d{1,18}$/;
const isoDay = /^\d{4}-\d\d-\d\d$/;

/** The 31st of April has the form of a date and is none. */
function isDay(value: string): boolean {
  if (!isoDay.test(value) || value.startsWith("0000")) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function valueProblem(
  { type, isRequired }: SourceColumn,
  value: string | null,
): string | undefined {
  if (value === null) return isRequired ? "value_missing" : undefined;
  if (type === "bigint") return wholeNumber.test(value) ? undefined : "not_a_whole_number";
  if (type === "date") return isDay(value) ? undefined : "not_a_date";
  return value.includes("\0") ? "not_text" : undefined;
}

/** A key in one spelling: `007` and `7` are one number. */
const keyOf = (value: string | null | undefined): string => String(BigInt(value ?? "0"));

type Keys = ReadonlyMap<string, ReadonlySet<string>>;

function rowProblem(table: SourceTable, row: GivenRow, keys: Keys): string | undefined {
  const { values } = row;
  if (values === undefined) return "column_count_wrong";
  for (const column of table.columns) {
    const problem = valueProblem(column, values[column.name] ?? null);
    if (problem) return `${problem}: ${column.name}`;
  }
  if (keys.get(table.name)?.has(keyOf(values[table.key]))) return `duplicate_key: ${table.key}`;
  const dangling = Object.entries(table.references).find(
    ([name, target]) => keys.get(target)?.has(keyOf(values[name])) !== true,
  );
  return dangling && `reference_missing: ${dangling[0]}`;
}

/**
 * Checks rows table by table, in an order in which what is referred to comes first; remembers the keys it let pass.
 *
 * @returns For a table, a function that gives the cells in the order of the columns, or why the row is refused.
 */
export function rowChecker(): (table: SourceTable) => (row: GivenRow) => Checked {
  const keys = new Map<string, Set<string>>();
  return (table) => {
    const own = new Set<string>();
    keys.set(table.name, own);
    let number = 0;
    return (row) => {
      number += 1;
      const reason_code = rowProblem(table, row, keys);
      const { values } = row;
      if (reason_code === undefined && values !== undefined) {
        own.add(keyOf(values[table.key]));
        return { cells: table.columns.map(({ name }) => values[name] ?? null) };
      }
      const payload = clean(values ?? { cells: row.cells ?? [] });
      return { refused: { row_key: `record ${number}`, reason_code: reason_code ?? "", payload } };
    };
  };
}

/** JSON of Postgres holds no NUL. */
const clean = (payload: object): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(payload).replaceAll("\\u0000", "")) as Record<string, unknown>;
