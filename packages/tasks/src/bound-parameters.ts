import { parseNamedParameters, tidemillError } from "@tidemill/dag-core";

/** A text whose `@name` parameters a driver binds by position. */
export interface BoundText {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * @param placeholder What the driver takes for the parameter of a number, counted from 1: `?` or `:1`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a parameter without a value.
 */
export function boundText(
  sql: string,
  values: Readonly<Record<string, unknown>>,
  placeholder: (number: number) => string,
): BoundText {
  const { parts, names } = parseNamedParameters(sql);
  const missing = names.find((name) => !(name in values));
  if (missing !== undefined) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: "SQL text",
      problem: `needs a value for @${missing}`,
      remedy: `give one of: ${Object.keys(values).join(", ") || "none was given"}`,
    });
  }
  return {
    text: parts.map((part, i) => (i === 0 ? part : placeholder(i) + part)).join(""),
    values: names.map((name) => values[name]),
  };
}
