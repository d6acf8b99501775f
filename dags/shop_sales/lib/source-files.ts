import type { CsvRow } from "@tidemill/tasks/files";
import { isDay } from "./days.ts";

/** The text to store, null for nothing, undefined for what the column cannot hold. */
type Parse = (text: string) => string | null | undefined;

interface Column {
  readonly name: string;
  readonly parse: Parse;
  /** Stored when the file has no such column. */
  readonly absent?: string;
}

/** A file of the service, and the tables that take it. */
export interface SourceFile {
  /** As the service and the tables call it, without `_inc`. */
  readonly name: string;
  readonly columns: readonly Column[];
  /** The column that says which day a row belongs to. */
  readonly dayColumn?: string;
  readonly hasHeader: boolean;
}

/** The days of a load: from the first up to, and without, the second. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

const largestInt = 2_147_483_647;
const longestName = 100;

const int: Parse = (text) =>
  /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= largestInt ? text : undefined;
const bigint: Parse = (text) => (/^-?\d{1,18}$/.test(text) ? text : undefined);
/** Not below zero: the sign of a refund is the mart's, not the file's. */
const amount = (wholeDigits: number): Parse => {
  const pattern = new RegExp(`^0*\\d{1,${wholeDigits}}(\\.\\d{1,2})?$`);
  return (text) => (pattern.test(text) ? text : undefined);
};
const price: Parse = (text) => (/^\d{1,10}(\.\d{1,4})?$/.test(text) ? text : undefined);
const uniqId: Parse = (text) => (/^[0-9a-f]{32}$/i.test(text) ? text.toLowerCase() : undefined);
const name: Parse = (text) => {
  if (text === "") return null;
  return text.length <= longestName && !text.includes("\0") ? text : undefined;
};
const status: Parse = (text) => (text === "shipped" || text === "refunded" ? text : undefined);

/** The same few days come again and again, so the last one is remembered. */
function dateTime(): Parse {
  let known = "";
  return (text) => {
    if (text === known) return text;
    const [, day, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.0+)?Z?$/.exec(text) ?? [];
    if (day === undefined || time === undefined || !isDay(day)) return undefined;
    if (!/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(time)) return undefined;
    known = `${day}T${time}`;
    return known;
  };
}

export const userOrderLog: SourceFile = {
  name: "user_order_log",
  hasHeader: true,
  dayColumn: "date_time",
  columns: [
    { name: "customer_id", parse: int },
    { name: "uniq_id", parse: uniqId },
    { name: "date_time", parse: dateTime() },
    { name: "city_id", parse: int },
    { name: "city_name", parse: name },
    { name: "first_name", parse: name },
    { name: "last_name", parse: name },
    { name: "item_id", parse: int },
    { name: "item_name", parse: name },
    { name: "quantity", parse: bigint },
    { name: "payment_amount", parse: amount(8) },
    { name: "status", parse: status, absent: "shipped" },
  ],
};

export const userActivityLog: SourceFile = {
  name: "user_activity_log",
  hasHeader: true,
  dayColumn: "date_time",
  columns: [
    { name: "customer_id", parse: bigint },
    { name: "uniq_id", parse: uniqId },
    { name: "date_time", parse: dateTime() },
    { name: "action_id", parse: bigint },
    { name: "quantity", parse: bigint },
  ],
};

export const customerResearch: SourceFile = {
  name: "customer_research",
  hasHeader: true,
  dayColumn: "date_id",
  columns: [
    { name: "date_id", parse: dateTime() },
    { name: "category_id", parse: int },
    { name: "geo_id", parse: int },
    { name: "sales_qty", parse: int },
    { name: "sales_amt", parse: amount(12) },
  ],
};

export const priceLog: SourceFile = {
  name: "price_log",
  hasHeader: false,
  columns: [
    { name: "name", parse: (text) => name(text) ?? undefined },
    { name: "price", parse: price },
  ],
};

/** The columns of the table that holds a file's rows as they were read. */
export const landingColumns = (file: SourceFile): string[] => [
  "load_key",
  "number",
  ...file.columns.map((column) => column.name),
  "reason_code",
  "payload",
];

const payloadOf = ({ values, cells }: CsvRow): string =>
  JSON.stringify(values ?? { cells }).replaceAll("\\u0000", "");

const faultOf = ({ name: column }: Column, text: string): string => {
  if (text === "") return `${column}_missing`;
  return column === "status" ? "status_unknown" : `${column}_wrong`;
};

/**
 * A row of a file as a row of its landing table: what can be stored by column, and why the row is refused, if it is.
 *
 * @param days Rows of other days are refused; undefined for a file without days.
 */
export function landingRow(
  file: SourceFile,
  row: CsvRow,
  { loadKey, days }: { readonly loadKey: string; readonly days: Days | undefined },
): (string | number | null)[] {
  const stored: (string | number | null)[] = [loadKey, row.number];
  let reason: string | null = row.values ? null : "column_count_wrong";
  for (const column of file.columns) {
    const text = row.values?.[column.name] ?? column.absent ?? "";
    const value = row.values ? column.parse(text) : null;
    if (value === undefined) reason ??= faultOf(column, text);
    stored.push(value ?? null);
  }
  if (reason === null && days && file.dayColumn !== undefined) {
    const at = 2 + file.columns.findIndex((column) => column.name === file.dayColumn);
    const day = String(stored[at]).slice(0, 10);
    if (day < days.from || day >= days.to) reason = "wrong_business_date";
  }
  stored.push(reason, reason === null ? null : payloadOf(row));
  return stored;
}
