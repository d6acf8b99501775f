import { type Cell, FieldError } from "./message-fields.ts";
import { messageTypes, type RawTable } from "./message-types.ts";

export type RawRow = Record<string, Cell>;

/** A message as a row of its raw table, or the reason why no table can hold it. */
export type CheckedMessage =
  | { readonly table: RawTable; readonly row: RawRow }
  | { readonly table?: undefined; readonly reasonCode: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseJson(value: Buffer | string): unknown {
  try {
    return JSON.parse(value.toString());
  } catch {
    throw new FieldError("not_json");
  }
}

/** Types whose name is the event's type. */
const isSessionType = (type: string): boolean => type !== "event";

function rowOf(message: Readonly<Record<string, unknown>>): CheckedMessage {
  const type = message["type"];
  const known =
    typeof type === "string" && Object.hasOwn(messageTypes, type) ? messageTypes[type] : undefined;
  if (known === undefined || typeof type !== "string") throw new FieldError("type_unknown");
  const row: RawRow = {};
  for (const [column, read] of known.fields) row[column] = read(message[column], column);
  if (known.table === "events" && isSessionType(type)) row["event_type"] = type;
  return { table: known.table, row };
}

/**
 * Reads one message of the topic: text cleaned, numbers and times checked against the columns they go to.
 *
 * @returns The row, or a reason code such as `not_json`, `type_unknown`, `user_id_missing`, `timestamp_invalid`.
 * @example cleanAndValidate('{"type":"signup","user_id":7,"timestamp":"2024-05-01T10:00:00Z"}')
 */
export function cleanAndValidate(value: Buffer | string | null): CheckedMessage {
  try {
    if (value === null) throw new FieldError("value_missing");
    const message = parseJson(value);
    if (!isObject(message)) throw new FieldError("not_an_object");
    return rowOf(message);
  } catch (error) {
    if (error instanceof FieldError) return { reasonCode: error.reasonCode };
    throw error;
  }
}
