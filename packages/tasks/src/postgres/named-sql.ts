import { parseNamedParameters, tidemillError } from "@tidemill/dag-core";
import pg from "pg";

type Values = Readonly<Record<string, unknown>>;

const arrayElement = (value: unknown): string => {
  if (Array.isArray(value)) return arrayText(value);
  const text = parameterText(value);
  return text === null ? "NULL" : `"${text.replace(/["\\]/g, "\\$&")}"`;
};
const arrayText = (values: readonly unknown[]): string => `{${values.map(arrayElement).join(",")}}`;

/** A value as Postgres reads it from text: dates in UTC, arrays as array literals, other objects as JSON. */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString("hex")}`;
  if (Array.isArray(value)) return arrayText(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number);
}

/** Values for the driver: what it would turn into local time or a row literal is text already. */
export const driverValues = (values: readonly unknown[]): unknown[] =>
  values.map((value) => (Buffer.isBuffer(value) ? value : parameterText(value)));

/** A value as a literal inside an SQL text; always quoted, so the text must cast it. */
function literal(value: unknown): string {
  const text = parameterText(value);
  return text === null ? "null" : pg.escapeLiteral(text);
}

const unusedNames = (values: Values, names: readonly string[]): string[] =>
  Object.keys(values).filter((name) => !names.includes(name));

/** Every parameter has a value and every value a parameter; `subject` names the text in the error. */
function checkNames(subject: string, values: Values, names: readonly string[]): void {
  const missing = [...new Set(names)].filter((name) => !(name in values));
  const unused = unusedNames(values, names);
  if (missing.length + unused.length === 0) return;
  const problem = [
    ...missing.map((name) => `needs a value for @${name}`),
    ...unused.map((name) => `has no parameter @${name}`),
  ].join(", ");
  const used = [...new Set(names)].map((name) => `@${name}`).join(", ") || "none";
  const remedy = `its parameters are: ${used}`;
  throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
}

/**
 * The text with its `@name` parameters replaced by literals.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a name without a value or a value without a name.
 */
export function inlineParameters(sql: string, values: Values = {}, subject = "SQL text"): string {
  const { parts, names } = parseNamedParameters(sql);
  checkNames(subject, values, names);
  return parts
    .map((part, i) => (i === 0 ? part : literal(values[names[i - 1] ?? ""]) + part))
    .join("");
}
