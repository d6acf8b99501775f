import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { tidemillError } from "@tidemill/dag-core";
import { readJson } from "@tidemill/tasks/files";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { overdueLoans } from "../../connections.ts";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import type { LoadContext } from "./load-context.ts";
import { loggedLoad } from "./logged-load.ts";
import { incomingColumns, incomingRows } from "./read-records.ts";
import type { Entity } from "./records.ts";
import { partFile } from "./split-files.ts";
import { runSqlFile } from "./sql-file.ts";

export interface PartOptions {
  readonly part: number;
  readonly splitDir: string;
}

interface Incoming {
  readonly entity: Entity;
  readonly part: number;
  readonly file: string;
}

/** A passport that one client gives up may be another's next; each round frees some, and nobody moves in circles. */
const mostRounds = 1_000;

async function store(tx: PostgresTransaction, { entity, part, file }: Incoming): Promise<number> {
  const values = { part, file_name: basename(file), load_ts: new Date() };
  let stored = 0;
  for (let round = 0; round < mostRounds; round += 1) {
    const { rows } = await runSqlFile<{ changed: string }>(
      tx,
      `transform/staging/${entity}.sql`,
      values,
    );
    const changed = Number(rows[0]?.changed ?? 0);
    stored += changed;
    if (entity !== "clients" || changed === 0) break;
  }
  if (entity === "clients") {
    await runSqlFile(tx, "transform/staging/passport_conflicts.sql", values);
  }
  return stored;
}

const sourceOf = (part: number): string => `part_${part}`;

/** A file of which nothing can be used is another kind of file; what it says must not pass as rejects. */
async function refuseUseless(tx: PostgresTransaction, { entity, part, file }: Incoming) {
  const { rows } = await runSqlFile<{ reason_code: string }>(tx, `transform/dq/reasons.sql`, {
    source: sourceOf(part),
    table_name: `staging.${entity}`,
  });
  const problem = `has no usable record, most were refused as "${rows[0]?.reason_code ?? ""}"`;
  const remedy = "look at what the sender changed";
  throw tidemillError("TIDEMILL_INPUT_INVALID", { subject: `File "${file}"`, problem, remedy });
}

async function load(
  ctx: LoadContext,
  tx: PostgresTransaction,
  incoming: Incoming,
): Promise<LoadCounts> {
  const { entity, part, file } = incoming;
  await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", {
    target_table: `staging.${entity}`,
  });
  await runSqlFile(tx, `transform/staging/incoming_${entity}.sql`);
  const rows = incomingRows(entity, readJson(createReadStream(file), { name: file }));
  const options = { signal: ctx.signal };
  await tx.copyFrom(`incoming_${entity}`, incomingColumns(entity), rows, options);
  await runSqlFile(tx, `transform/staging/checked_${entity}.sql`);
  const stored = await store(tx, incoming);
  const { rows: counted } = await runSqlFile<CountsRow>(tx, `transform/dq/rejected_${entity}.sql`, {
    source: sourceOf(part),
    run_id: ctx.runId,
    rows_out: stored,
  });
  const counts = countsOf(counted[0]);
  if (counts.rowsIn > 0 && counts.rowsRejected === counts.rowsIn) await refuseUseless(tx, incoming);
  await runSqlFile(tx, `transform/core/${entity}.sql`, { file_name: basename(file) });
  return counts;
}

/**
 * Loads one file of one part into staging and from there into core, in one transaction. Records that no table can hold
 * go to `dq.rejected_rows`; a part that is loaded again changes nothing that a later one has told.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a file that is broken, or of which no record can be used.
 * @example await loadEntity(ctx, "payments", { part: 1, splitDir: "data_generation/raw_split_files" });
 */
export function loadEntity(
  ctx: LoadContext,
  entity: Entity,
  { part, splitDir }: PartOptions,
): Promise<LoadCounts> {
  const file = partFile(splitDir, part, entity);
  const run = () =>
    ctx.transaction(overdueLoans, `${entity} of part ${part}`, (tx) =>
      load(ctx, tx, { entity, part, file }),
    );
  return loggedLoad(ctx, run, { task: `load_${entity}` });
}
