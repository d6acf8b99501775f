import { access } from "node:fs/promises";
import { SkipTask, tidemillError } from "@tidemill/dag-core";
import { overdueLoans } from "../../connections.ts";
import type { LoadContext } from "./load-context.ts";
import { entities } from "./records.ts";
import { requireSchema } from "./require-schema.ts";
import { partFile, partFolder } from "./split-files.ts";
import { runSqlFile } from "./sql-file.ts";

export interface PartChoice {
  /** One part, loaded already or next in order. */
  readonly part?: number | undefined;
  /** Every part that is not loaded, in order. Without either: the next one. */
  readonly all?: boolean | undefined;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const refused = (subject: string, problem: string, remedy: string): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });

/** The number of the last part in every layer; 0 for none. */
async function lastLoadedPart(ctx: LoadContext): Promise<number> {
  const db = await ctx.open(overdueLoans);
  const { rows } = await runSqlFile<{ part: number }>(db, "transform/etl/read_loaded_parts.sql");
  return rows.at(-1)?.part ?? 0;
}

async function requireFiles(splitDir: string, part: number): Promise<void> {
  const folder = partFolder(splitDir, part);
  if (!(await exists(folder))) {
    const remedy = `run "npm run loans -- split", or set SPLIT_DIR to the folder of your parts`;
    throw refused(`Part ${part}`, `has no folder "${folder}"`, remedy);
  }
  for (const entity of entities) {
    const file = partFile(splitDir, part, entity);
    if (!(await exists(file))) {
      throw refused(`Part ${part}`, `has no file "${file}"`, "deliver it, a part is three files");
    }
  }
}

async function pendingParts(splitDir: string, last: number): Promise<number[]> {
  const parts: number[] = [];
  let part = last + 1;
  for (; await exists(partFolder(splitDir, part)); part += 1) {
    await requireFiles(splitDir, part);
    parts.push(part);
  }
  // A gap would hide what is behind it.
  if (await exists(partFolder(splitDir, part + 1))) await requireFiles(splitDir, part);
  return parts;
}

async function chosenPart(splitDir: string, part: number, last: number): Promise<number[]> {
  if (!Number.isInteger(part) || part < 1) {
    throw refused(`Part ${part}`, "is not a part", "parts are numbered from 1");
  }
  if (part > last + 1) {
    const problem = `is out of order, ${last === 0 ? "no part is loaded" : `the last one is ${last}`}`;
    throw refused(`Part ${part}`, problem, `load part ${last + 1} first`);
  }
  await requireFiles(splitDir, part);
  return [part];
}

/**
 * Which parts are to be loaded now, in order: each must have its three files, and none may be left out.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a part out of order or without its files; SkipTask when nothing is
 * left to load.
 */
export async function checkPart(
  ctx: LoadContext,
  splitDir: string,
  choice: PartChoice,
): Promise<{ parts: number[] }> {
  await requireSchema(ctx);
  const last = await lastLoadedPart(ctx);
  const parts =
    choice.part === undefined
      ? await pendingParts(splitDir, last)
      : await chosenPart(splitDir, choice.part, last);
  if (parts.length === 0) throw new SkipTask(`no part is left to load, the last one is ${last}`);
  const chosen = choice.all === true || choice.part !== undefined ? parts : parts.slice(0, 1);
  ctx.log.info("parts to load", { parts: chosen });
  return { parts: chosen };
}
