import { readFileSync } from "node:fs";
import { tidemillError, toError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";

/**
 * Params as given on a command line: JSON, or `@file` with JSON in it.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readParams(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  const isFile = text.startsWith("@");
  const json = isFile ? readFileOrThrow(text.slice(1)) : text;
  const refuse = (problem: string, cause?: unknown) => {
    const subject = isFile ? `Params file "${text.slice(1)}"` : "--params";
    const remedy = `write a JSON object such as '{"region":"eu"}', or @file`;
    return tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy }, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw refuse(`is not JSON (${toError(error).message})`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse("is not a JSON object");
  }
  return value as JsonValue;
}

function readFileOrThrow(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const subject = `Params file "${file}"`;
    const problem = `cannot be read (${toError(cause).message})`;
    const details = { subject, problem, remedy: "name a file that holds a JSON object" };
    throw tidemillError("TIDEMILL_INPUT_INVALID", details, { cause });
  }
}
