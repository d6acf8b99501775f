import { FailTask, type TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { paymentsApp } from "../../connections.ts";
import {
  allStored,
  countsOf,
  type CountsRow,
  type LoadCounts,
  noRows,
} from "../../lib/load-counts.ts";
import type { CheckedCounts } from "../../lib/run-log.ts";
import { type Batch, batchOf } from "./batch.ts";
import { logged } from "./logged.ts";
import { sql } from "./sql.ts";

type BatchContext = TaskContext<{ batchDt?: string | undefined; since?: string | undefined }>;

/** Batches change the same tables; the lock ends with the transaction. */
const lock = async (tx: PostgresTransaction): Promise<void> => {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('payments_app/batch', 0))");
  await tx.query("set local work_mem = '128MB'");
  await tx.query("set local jit = off");
};

const step = (
  ctx: BatchContext,
  name: string,
  fn: (tx: PostgresTransaction, batch: Batch) => Promise<LoadCounts>,
): Promise<LoadCounts> => {
  const batch = batchOf(ctx);
  return logged(ctx, batch.batchDt, () =>
    ctx.transaction(paymentsApp, name, async (tx) => {
      await lock(tx);
      return await fn(tx, batch);
    }),
  );
};

/** Empties what a batch overwrites; refuses while a blocked batch waits for a person. */
export const cleanup = (ctx: BatchContext): Promise<LoadCounts> =>
  step(ctx, "p01_cleanup", async (tx, { batchDt }) => {
    await tx.query("call etl.p01_cleanup($1::date)", [batchDt]);
    return noRows;
  });

interface Problem {
  readonly code: string;
  readonly message: string;
}

async function check(
  ctx: BatchContext,
  tx: PostgresTransaction,
  batchDt: string,
): Promise<CheckedCounts> {
  await lock(tx);
  const { rows } = await tx.query<{ p_problems: readonly Problem[] }>(
    "call etl.p03_validate($1, $2::date, null)",
    [ctx.runId, batchDt],
  );
  const problems = rows[0]?.p_problems ?? [];
  if (problems.length > 0) {
    const values = { batch_dt: batchDt, run_id: ctx.runId, problems: JSON.stringify(problems) };
    await sql.run(tx, "transform/etl/block_batch.sql", values);
  }
  const counted = await sql.run<CountsRow>(tx, "transform/etl/load_counts.sql", {
    batch_dt: batchDt,
  });
  const blockedBy = problems.map(({ code, message }) => `${code}: ${message}`);
  return { ...countsOf(counted.rows[0]), blockedBy };
}

/**
 * Checks the staged batch. Rows that break a rule go to `dq.err_<table>`; a critical problem blocks the batch.
 *
 * @throws FailTask naming the problems and the command that resumes the batch.
 */
export async function validate(ctx: BatchContext): Promise<CheckedCounts> {
  const { batchDt } = batchOf(ctx);
  const result = await logged(ctx, batchDt, () =>
    ctx.transaction(paymentsApp, "p03_validate", (tx) => check(ctx, tx, batchDt)),
  );
  const { blockedBy = [] } = result;
  if (blockedBy.length > 0) {
    const shown = blockedBy.slice(0, 5).join("; ");
    const resume = `tidemill trigger payments_resume --params '{"batchDt":"${batchDt}","note":"..."}'`;
    throw new FailTask(
      `Batch "${batchDt}" is blocked (${shown}); correct the source, run ${resume}, then load the day again`,
    );
  }
  return result;
}

export const transform = (ctx: BatchContext): Promise<LoadCounts> =>
  step(ctx, "p04_transform", async (tx, { batchDt }) => {
    await tx.query("call etl.p04_transform($1::date)", [batchDt]);
    return noRows;
  });

export const biFacts = (ctx: BatchContext): Promise<LoadCounts> =>
  step(ctx, "p05_bi", async (tx, { batchDt, since }) => {
    await sql.run(tx, "transform/etl/analyze_stage.sql");
    await tx.query("call etl.p05_bi($1::date, $2::date)", [since, batchDt]);
    const { rows } = await tx.query<{ rows: string }>(
      "select rows_out as rows from etl.load_count where batch_dt = $1::date and table_name = 'transactions'",
      [batchDt],
    );
    return allStored(Number(rows[0]?.rows ?? 0));
  });

/** Says that a person has seen to a blocked batch; `accept` names checks that may pass this once. */
export const resume = (
  ctx: TaskContext<{ batchDt: string; note: string; accept: readonly string[] }>,
): Promise<null> =>
  ctx.transaction(paymentsApp, "p00_resume", async (tx) => {
    const { batchDt, note, accept } = ctx.params;
    await tx.query("call etl.p00_resume($1::date, $2, $3, $4::text[])", [
      batchDt,
      ctx.runId,
      note,
      accept,
    ]);
    return null;
  });
