import type { JsonRecord } from "@tidemill/tasks/files";
import { recordColumns } from "./record-columns.ts";
import { type Cell, FieldError } from "./record-fields.ts";
import type { Entity } from "./records.ts";

/** The columns of the temporary table `incoming_<entity>`. */
export const incomingColumns = (entity: Entity): readonly string[] => [
  "record_number",
  ...Object.keys(recordColumns[entity]),
  "reason_code",
  "payload",
];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The character that text of PostgreSQL cannot hold, as JSON writes it. */
const noText = /\\u0000/g;

/**
 * Records as rows of the temporary table: what a table can hold with its values, what it cannot with a reason and its
 * text.
 *
 * @example await tx.copyFrom("incoming_loans", incomingColumns("loans"), incomingRows("loans", readJson(bytes, { name })));
 */
export async function* incomingRows(
  entity: Entity,
  records: AsyncIterable<JsonRecord>,
): AsyncGenerator<readonly (Cell | undefined)[]> {
  const columns = Object.entries(recordColumns[entity]);
  const nothing = columns.map(() => null);
  for await (const { number, value } of records) {
    try {
      if (!isObject(value)) throw new FieldError("not_an_object");
      const row: Cell[] = [number];
      for (const [column, read] of columns) row.push(read(value[column], column));
      row.push(null, null);
      yield row;
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      const payload = JSON.stringify(value).replace(noText, "");
      yield [number, ...nothing, error.reasonCode, payload];
    }
  }
}
