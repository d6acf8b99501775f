import type { TaskContext } from "@tidemill/dag-core";
import { SkipTask } from "@tidemill/dag-core";
import { readDocx, wholeFile } from "@tidemill/tasks/files";
import { paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { sha256Of, stageFiles } from "./extract-files.ts";
import { adReportRows } from "./file-rows.ts";
import { openInbox } from "./inbox.ts";
import { aggregate, copyTables } from "./load-clickhouse.ts";
import { logged } from "./logged.ts";
import { dayInMinsk } from "./batch.ts";
import { sql } from "./sql.ts";

interface LoadedFile {
  readonly file_name: string;
  readonly sha256: string;
}

interface NewFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** Files with an ending whose content is not the one that was loaded last. */
async function newFiles(ctx: TaskContext, pattern: RegExp): Promise<NewFile[]> {
  const db = await ctx.open(paymentsApp);
  const { rows } = await sql.run<LoadedFile>(db, "transform/etl/loaded_files.sql");
  const known = new Map(rows.map(({ file_name, sha256 }) => [file_name, sha256]));
  await using inbox = await openInbox(ctx);
  const found: NewFile[] = [];
  for (const { name, size } of (await inbox.list()).filter((entry) => pattern.test(entry.name))) {
    const sha256 = sha256Of(await wholeFile(inbox.read(name), { name }));
    if (known.get(name) !== sha256) found.push({ name, size, sha256 });
  }
  return found;
}

/**
 * The names of new files; a look that finds none ends the branch.
 *
 * @throws SkipTask when there is none.
 */
export async function senseFiles(ctx: TaskContext, pattern: RegExp): Promise<string[]> {
  const found = await newFiles(ctx, pattern);
  if (found.length === 0) throw new SkipTask("no new file");
  return found.map(({ name }) => name);
}

export const docxPattern = /\.docx$/i;
export const reportPattern = /^ad_report_\d{4}-\d\d-\d\d\.xlsx$/i;

/** Stores what new documents say, each in a transaction; one that cannot be read is noted. */
export async function loadDocuments(ctx: TaskContext): Promise<LoadCounts> {
  const batchDt = dayInMinsk(ctx.dataInterval.start);
  return logged(ctx, batchDt, async () => {
    const found = await newFiles(ctx, docxPattern);
    await using inbox = await openInbox(ctx);
    for (const file of found) {
      const bytes = await wholeFile(inbox.read(file.name), { name: file.name });
      const content = await readDocx(bytes, { name: file.name });
      await ctx.transaction(paymentsApp, `document ${file.name}`, async (tx) => {
        await sql.run(tx, "transform/bi/document.sql", { ...file, content });
        await sql.run(tx, "transform/etl/loaded_file.sql", { ...file, rows: 1 });
        return null;
      });
    }
    return allStored(found.length);
  });
}

/** Loads new reports of the agency: the days that a report names are replaced. */
export async function loadAdReports(ctx: TaskContext): Promise<LoadCounts> {
  const batchDt = dayInMinsk(ctx.dataInterval.start);
  return logged(ctx, batchDt, async () => {
    const found = await newFiles(ctx, reportPattern);
    await using inbox = await openInbox(ctx);
    const load = { table: "ad_report", files: found, rowsOf: adReportRows } as const;
    const { rows } = await stageFiles(ctx, inbox, load, batchDt);
    const rejected = await ctx.transaction(paymentsApp, "fct_ad_spend", async (tx) => {
      await tx.query("call etl.p03_divert($1, $2::date, 'ad_report')", [ctx.runId, batchDt]);
      await tx.query("call etl.p05_fct_ad_spend()");
      for (const file of found) {
        await sql.run(tx, "transform/etl/loaded_file.sql", { ...file, rows });
      }
      const count = "select count(*) as n from dq.err_ad_report where batch_dt = $1::date";
      return Number((await tx.query<{ n: string }>(count, [batchDt])).rows[0]?.n ?? 0);
    });
    return { ...allStored(rows - rejected), rowsIn: rows, rowsRejected: rejected };
  });
}

/** Brings the spend of the channels into the mart of their return. */
export async function refreshChannelRoi(ctx: TaskContext): Promise<LoadCounts> {
  const batchDt = dayInMinsk(ctx.dataInterval.start);
  await copyTables({ ...ctx, params: { batchDt } }, ["ad_spend"]);
  return await aggregate(ctx, ["channel_roi"]);
}
