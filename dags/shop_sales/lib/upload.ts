import type { TaskContext } from "@tidemill/dag-core";
import { readCsv } from "@tidemill/tasks/files";
import { httpStream } from "@tidemill/tasks/http";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { shopSales } from "../../connections.ts";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import type { FileUrls } from "./report-api.ts";
import {
  customerResearch,
  type Days,
  landingColumns,
  landingRow,
  priceLog,
  type SourceFile,
  userActivityLog,
  userOrderLog,
} from "./source-files.ts";
import { loggedLoad, sql } from "./sql.ts";

/** A load of the base report goes by this key, one of an increment by its day. */
export const historyKey = "history";

const kindOf = (loadKey: string): string => (loadKey === historyKey ? "history" : "increment");

export interface UploadOptions {
  readonly files: FileUrls;
  readonly days: Days;
  /** Names the load in rejects and landed rows: {@link historyKey}, or the day of an increment. */
  readonly loadKey: string;
}

/** What became of each file, by its name. */
export type Uploaded = Record<string, LoadCounts>;

interface FileLoad extends Omit<UploadOptions, "files"> {
  readonly file: SourceFile;
  /** As the service calls it: `user_order_log_inc`. */
  readonly name: string;
  readonly url: string;
}

async function* landingRows(ctx: TaskContext, { file, name, url, ...load }: FileLoad) {
  const { columns, hasHeader } = file;
  const names = columns.map((column) => column.name);
  const options = {
    name: `${name}.csv`,
    required: columns.filter(({ absent }) => absent === undefined).map((column) => column.name),
    ...(!hasHeader && { columns: names }),
  };
  const days = file.dayColumn === undefined ? undefined : load.days;
  for await (const row of readCsv(httpStream(ctx, { url }), options)) {
    yield landingRow(file, row, { loadKey: load.loadKey, days });
  }
}

/** Lands the rows of a file as they are, then moves the sound ones into staging and the others into the rejects. */
async function loadFile(
  ctx: TaskContext,
  tx: PostgresTransaction,
  load: FileLoad,
): Promise<LoadCounts> {
  const { file, name, loadKey, days } = load;
  await sql.run(tx, "../lib/transform/etl/prepare_load.sql", {
    target_table: `staging.${file.name}`,
  });
  const rows = landingRows(ctx, load);
  const columns = landingColumns(file);
  await tx.copyFrom(`staging.file_${file.name}`, columns, rows, { signal: ctx.signal });
  // Without it the planner takes a large file for a small one, and compares each row with each.
  await sql.run(tx, `transform/staging/analyze_${kindOf(loadKey)}_files.sql`);
  const result = await sql.run<CountsRow>(tx, `transform/staging/${file.name}.sql`, {
    run_id: ctx.runId,
    source: `${name}.csv`,
    load_key: loadKey,
    day_from: days.from,
    day_to: days.to,
  });
  return countsOf(result.rows[0]);
}

async function uploadFiles(
  ctx: TaskContext,
  sourceFiles: readonly SourceFile[],
  { files, ...load }: UploadOptions & { readonly suffix: string },
): Promise<Uploaded> {
  const { suffix, loadKey } = load;
  await ctx.transaction(shopSales, "clear landed rows", async (tx) => {
    await sql.run(tx, `transform/staging/clear_${kindOf(loadKey)}_files.sql`);
    return null;
  });
  const uploaded: Uploaded = {};
  for (const file of sourceFiles) {
    const name = `${file.name}${suffix}`;
    const one = { ...load, file, name, url: files[name] ?? "" };
    uploaded[name] = await loggedLoad(
      ctx,
      () => ctx.transaction(shopSales, name, (tx) => loadFile(ctx, tx, one)),
      { task: `${ctx.taskId}/${name}.csv`, businessDate: load.days.from },
    );
  }
  return uploaded;
}

/** Loads the files of one day, each in a transaction of its own. */
export const uploadIncrement = (ctx: TaskContext, options: UploadOptions): Promise<Uploaded> =>
  uploadFiles(ctx, [customerResearch, userOrderLog, userActivityLog], {
    ...options,
    suffix: "_inc",
  });

/** Loads the files of the base report and the price list. */
export const uploadHistory = (ctx: TaskContext, options: UploadOptions): Promise<Uploaded> =>
  uploadFiles(ctx, [priceLog, customerResearch, userOrderLog, userActivityLog], {
    ...options,
    suffix: "",
  });

/** Takes the days of a load out of staging. */
export const deleteFromStaging = (ctx: TaskContext, { from, to }: Days): Promise<LoadCounts> =>
  loggedLoad(
    ctx,
    () =>
      ctx.transaction(shopSales, "delete_from_staging", async (tx) => {
        const days = { day_from: from, day_to: to };
        const { rows } = await sql.run<CountsRow>(tx, "transform/staging/delete_days.sql", days);
        return countsOf(rows[0]);
      }),
    { businessDate: from },
  );
