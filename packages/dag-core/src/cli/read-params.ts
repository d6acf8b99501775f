import { readFileSync } from "node:fs";
import { tidemillError, toError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";

/**
 * Params as given on a command line: JSON, or `@file` with JSON in it.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readParams(text: string | undefined): JsonValue | undefined {
  return readObject(text, { flag: "--params", name: "Params", example: '{"region":"eu"}' });
}

/**
 * Outputs of upstream tasks by input name, as given on a command line.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readInputs(text: string | undefined): JsonValue | undefined {
  return readObject(text, { flag: "--inputs", name: "Inputs", example: '{"orders":[1,2]}' });
}

interface ObjectFlag {
  readonly flag: string;
  /** What a file of it is called. */
  readonly name: string;
  readonly example: string;
}

function readObject(
  text: string | undefined,
  { flag, name, example }: ObjectFlag,
): JsonValue | undefined {
  if (text === undefined) return undefined;
  const subject = text.startsWith("@") ? `${name} file "${text.slice(1)}"` : flag;
  const remedy = `write a JSON object such as '${example}', or @file`;
  const value = readJson(text, subject, remedy);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject,
      problem: "is not a JSON object",
      remedy,
    });
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

/**
 * Events as given on a command line: `name`, `name=json` or `name=@file`.
 *
 * @returns payloads by name
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`
 */
export function readEvents(texts: readonly string[] = []): Readonly<Record<string, JsonValue>> {
  const read = texts.map((text): readonly [string, JsonValue] => {
    const [name = "", ...rest] = text.split("=");
    if (rest.length === 0) return [name, null];
    const remedy = `write --event '${name}={"by":"anna"}', or ${name}=@file`;
    return [name, readJson(rest.join("="), `The payload of event "${name}"`, remedy)];
  });
  return Object.fromEntries(read);
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
