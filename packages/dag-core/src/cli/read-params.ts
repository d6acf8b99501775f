import { readFileSync } from "node:fs";
import { tidemillError, toError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";

const anObject = `write a JSON object such as '{"region":"eu"}', or @file`;

/**
 * Params as given on a command line: JSON, or `@file` with JSON in it.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readParams(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  const subject = text.startsWith("@") ? `Params file "${text.slice(1)}"` : "--params";
  const value = readJson(text, subject, anObject);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const problem = "is not a JSON object";
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy: anObject });
  }
  return value;
}

/**
 * An item of a mapped task as given on a command line: any JSON, or `@file` with JSON in it.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readItem(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  const subject = text.startsWith("@") ? `Item file "${text.slice(1)}"` : "--item";
  return readJson(text, subject, `write JSON such as '{"id":1}', '"eu"' or '3', or @file`);
}

/**
 * The payload of an event as given on a command line: any JSON, or `@file` with JSON in it.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readPayload(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  const subject = text.startsWith("@") ? `Payload file "${text.slice(1)}"` : "--payload";
  return readJson(text, subject, `write JSON such as '{"by":"anna"}' or '3', or @file`);
}

function readJson(text: string, subject: string, remedy: string): JsonValue {
  const json = text.startsWith("@") ? readFileOrThrow(text.slice(1), subject) : text;
  try {
    return JSON.parse(json) as JsonValue;
  } catch (cause) {
    const problem = `is not JSON (${toError(cause).message})`;
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy }, { cause });
  }
}

function readFileOrThrow(file: string, subject: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const problem = `cannot be read (${toError(cause).message})`;
    const details = { subject, problem, remedy: "name a file that holds JSON" };
    throw tidemillError("TIDEMILL_INPUT_INVALID", details, { cause });
  }
}
