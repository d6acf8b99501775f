import { createHash } from "node:crypto";
import { type TaskContext, TidemillError } from "@tidemill/dag-core";
import type { FileEntry, FileFolder } from "@tidemill/tasks/files";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { type Batch, batchOf } from "./batch.ts";
import { type FileRow, logRows, salesRows } from "./file-rows.ts";
import { openInbox } from "./inbox.ts";
import { logged } from "./logged.ts";
import { sql } from "./sql.ts";
import { fileTables } from "./tables.ts";

export type FileTable = keyof typeof fileTables;

export interface FileLoad {
  readonly table: FileTable;
  readonly files: readonly FileEntry[];
  readonly rowsOf: (inbox: FileFolder, name: string) => AsyncIterable<FileRow>;
}

/** Files of the days of a batch: the day is in the name. */
function filesOfDays(
  entries: readonly FileEntry[],
  pattern: RegExp,
  { since, batchDt }: Batch,
): FileEntry[] {
  return entries.filter(({ name }) => {
    const day = pattern.exec(name)?.[1] ?? "";
    return day >= since && day <= batchDt;
  });
}

/** A file that cannot be read is noted and left where it is: a partner's mistake stops no payments. */
async function noteBadFile(
  tx: PostgresTransaction,
  ctx: TaskContext,
  { batchDt, name, reason }: { batchDt: string; name: string; reason: string },
): Promise<void> {
  ctx.log.warn(reason);
  await sql.run(tx, "transform/dq/rejected_file.sql", {
    run_id: ctx.runId,
    business_dt: batchDt,
    file_name: name,
    reason,
  });
}

interface Stored {
  readonly rows: number;
  readonly rejectedFiles: number;
}

async function storeFile(
  tx: PostgresTransaction,
  {
    inbox,
    load,
    batchDt,
    name,
  }: { inbox: FileFolder; load: FileLoad; batchDt: string; name: string },
): Promise<number> {
  const columns = [...fileTables[load.table], "file_name", "line_no", "src_system", "batch_dt"];
  async function* rows(): AsyncGenerator<readonly unknown[]> {
    for await (const row of load.rowsOf(inbox, name)) yield [...row, "files", batchDt];
  }
  return await tx.copyFrom(`stage.${load.table}`, columns, rows());
}

/** Stores files in the place of what stage holds of the table, each whole or not at all. */
export async function stageFiles(
  ctx: TaskContext,
  inbox: FileFolder,
  load: FileLoad,
  batchDt: string,
): Promise<Stored> {
  return await ctx.transaction(paymentsApp, `stage.${load.table}`, async (tx) => {
    await tx.query(`delete from stage.${load.table}`);
    let rows = 0;
    let rejectedFiles = 0;
    for (const { name } of load.files) {
      ctx.signal.throwIfAborted();
      await sql.run(tx, "transform/dq/forget_file.sql", { business_dt: batchDt, file_name: name });
      await tx.query("savepoint file");
      try {
        rows += await storeFile(tx, { inbox, load, batchDt, name });
        await tx.query("release savepoint file");
      } catch (error) {
        if (!(error instanceof TidemillError) || error.code !== "TIDEMILL_INPUT_INVALID")
          throw error;
        await tx.query("rollback to savepoint file");
        await noteBadFile(tx, ctx, { batchDt, name, reason: error.message });
        rejectedFiles += 1;
      }
    }
    await sql.run(tx, "transform/etl/extracted.sql", { table_name: load.table, rows });
    return { rows, rejectedFiles };
  });
}

/** The sales and the server logs of the batch's days. */
export function extractFiles(
  ctx: TaskContext<{ batchDt?: string | undefined; since?: string | undefined }>,
): Promise<LoadCounts> {
  const batch = batchOf(ctx);
  return logged(ctx, batch.batchDt, async () => {
    await using inbox = await openInbox(ctx);
    const entries = await inbox.list();
    const loads: readonly FileLoad[] = [
      {
        table: "sales_csv",
        files: filesOfDays(entries, /^sales_(\d{4}-\d\d-\d\d)\.csv$/, batch),
        rowsOf: salesRows,
      },
      {
        table: "server_log",
        files: filesOfDays(entries, /^server_(\d{4}-\d\d-\d\d)\.txt$/, batch),
        rowsOf: logRows,
      },
    ];
    let total = 0;
    for (const load of loads) {
      const startedAt = new Date();
      const { rows } = await stageFiles(ctx, inbox, load, batch.batchDt);
      total += rows;
      await sql.run(await ctx.open(paymentsApp), "transform/etl/extract_log.sql", {
        run_id: ctx.runId,
        batch_dt: batch.batchDt,
        source: "files",
        table_name: load.table,
        mode: "file",
        started_at: startedAt,
        finished_at: new Date(),
        rows,
      });
    }
    return allStored(total);
  });
}

export const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
