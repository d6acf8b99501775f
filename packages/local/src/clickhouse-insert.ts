import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { literal } from "./clickhouse-engine.ts";

const INSERT = /^\s*(?:--[^\n]*\n\s*|\/\*.*?\*\/\s*)*insert\s+into\s/is;
const TAIL =
  /(?:\s+settings\s+(?<settings>\w+\s*=[^()]*?))?\s+(?:format\s+(?<format>\w+)|(?<values>values))\s*;?\s*$/is;
const BEFORE_COLUMNS = /\s+settings\s+(?<settings>\w+\s*=[^()]*)$/is;
const HOLDS_ROWS = /\s(?:values|format\s+\w+)[\s(]/i;
const INPUT = /\binput\s*\(\s*('(?:[^'\\]|\\.|'')*')\s*\)/i;
const SELECTS = /\s(?:select|watch)\s/i;

/**
 * An insert whose rows come in the body, rewritten to read them from a file: the engine takes rows
 * of any format there, in parallel and in bounded memory. Undefined for any other statement.
 */
export function insertFromFile(query: string, path: string): string | undefined {
  if (!INSERT.test(query)) return undefined;
  const tail = TAIL.exec(query);
  if (tail === null && HOLDS_ROWS.test(query)) return undefined;
  const head = tail === null ? query.replace(/;?\s*$/, "") : query.slice(0, tail.index);
  if (SELECTS.test(head)) return selectFromFile(head, tail?.groups ?? {}, path);
  const early = BEFORE_COLUMNS.exec(head);
  const target = early === null ? head : head.slice(0, early.index);
  const settings = tail?.groups?.["settings"] ?? early?.groups?.["settings"];
  const format = tail?.groups?.["format"] ?? "Values";
  const withSettings = settings === undefined ? "" : ` settings ${settings}`;
  return `${target} from infile ${literal(path)}${withSettings} format ${format}`;
}

/** The engine would take `input()` for a table without rows; a file table reads the same. */
function selectFromFile(
  head: string,
  { format, settings }: Readonly<Record<string, string | undefined>>,
  path: string,
): string | undefined {
  if (format === undefined || !INPUT.test(head)) return undefined;
  const withSettings = settings === undefined ? "" : ` settings ${settings}`;
  const source = (_: string, structure: string): string =>
    `file(${literal(path)}, ${literal(format)}, ${structure})`;
  return head.replace(INPUT, source) + withSettings;
}

/** Keeps the body of a request in a file while `use` runs. */
export async function withBodyInFile(
  directory: string,
  body: Readable,
  use: (path: string) => Promise<void>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, randomUUID());
  try {
    await pipeline(body, createWriteStream(path, { mode: 0o600 }));
    await use(path);
  } finally {
    await rm(path, { force: true });
  }
}
