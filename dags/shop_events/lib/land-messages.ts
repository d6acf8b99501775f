import type { KafkaMessage } from "@tidemill/tasks/kafka";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { cleanAndValidate, type RawRow } from "./clean-and-validate.ts";
import type { RawTable } from "./message-types.ts";
import { readSql, runSqlFile } from "./sql-file.ts";

/** What is kept of a message that no table can hold. */
const maxPayloadCharacters = 16_384;

interface Rejected {
  readonly source: string;
  readonly row_key: string;
  readonly reason_code: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Sorted {
  readonly tables: Map<RawTable, RawRow[]>;
  readonly rejected: Rejected[];
  readonly perPartition: Map<number, { messages: number; landed: number; rejected: number }>;
}

export interface LandOptions {
  readonly topic: string;
  readonly runId: string;
  readonly batch: readonly KafkaMessage[];
}

export interface Landed {
  /** Rows that are new in raw; a message that was there already adds none. */
  readonly rows: number;
  readonly rejected: number;
}

const rejectedRow = (topic: string, message: KafkaMessage, reasonCode: string): Rejected => {
  const { partition, offset, value } = message;
  const shown = value?.toString().replaceAll("\0", "").slice(0, maxPayloadCharacters) ?? null;
  return {
    source: topic,
    row_key: `${partition}/${offset}`,
    reason_code: reasonCode,
    payload: { topic, partition, offset, value: shown?.toWellFormed() ?? null },
  };
};

function sortOne(topic: string, message: KafkaMessage, sorted: Sorted): void {
  const seen = sorted.perPartition.get(message.partition) ?? {
    messages: 0,
    landed: 0,
    rejected: 0,
  };
  sorted.perPartition.set(message.partition, seen);
  seen.messages += 1;
  const checked = cleanAndValidate(message.value);
  if (checked.table === undefined) {
    seen.rejected += 1;
    sorted.rejected.push(rejectedRow(topic, message, checked.reasonCode));
    return;
  }
  seen.landed += 1;
  const { row, table } = checked;
  row["kafka_topic"] = topic;
  row["kafka_partition"] = message.partition;
  row["kafka_offset"] = message.offset;
  const rows = sorted.tables.get(table);
  if (rows) rows.push(row);
  else sorted.tables.set(table, [row]);
}

function sort(topic: string, batch: readonly KafkaMessage[]): Sorted {
  const sorted: Sorted = { tables: new Map(), rejected: [], perPartition: new Map() };
  for (const message of batch) sortOne(topic, message, sorted);
  return sorted;
}

/** Rows of a batch as one parameter: inlining them as a literal would escape them character by character. */
interface Insert {
  readonly file: string;
  readonly rows: string;
}

const insertOf = (file: string, rows: readonly object[]): Insert => ({
  file,
  rows: JSON.stringify(rows),
});

async function insertRows(tx: PostgresTransaction, { file, rows }: Insert): Promise<number> {
  const sql = (await readSql(file)).replace("@rows", "$1");
  const result = await tx.query<{ rows_out: string }>(sql, [rows]);
  return Number(result.rows[0]?.rows_out ?? 0);
}

/**
 * Sorts a batch of messages by the raw tables that take them; what no table can hold is for `dq.rejected_rows`.
 *
 * @returns what stores them in order, in the transaction that moves the offsets of the batch. Each message is stored
 * once, whatever happens: its topic, partition and offset are unique.
 */
export function landMessages({
  topic,
  runId,
  batch,
}: LandOptions): (tx: PostgresTransaction) => Promise<Landed> {
  const { tables, rejected, perPartition } = sort(topic, batch);
  const inserts = [...tables].map(([table, rows]) => insertOf(`transform/raw/${table}.sql`, rows));
  const consumed = [...perPartition].map(([partition, seen]) => ({ topic, partition, ...seen }));
  const counted = insertOf("transform/etl/consumed_messages.sql", consumed);
  return async (tx) => {
    // One writer at a time: serial ids must become visible in their order, or a watermark would pass some by.
    await runSqlFile(tx, "../lib/transform/etl/prepare_load.sql", { target_table: "raw" });
    let rows = 0;
    for (const insert of inserts) rows += await insertRows(tx, insert);
    if (rejected.length > 0) {
      const values = { run_id: runId, rows: JSON.stringify(rejected) };
      await runSqlFile(tx, "transform/dq/rejected_messages.sql", values);
    }
    await insertRows(tx, counted);
    return { rows, rejected: rejected.length };
  };
}
