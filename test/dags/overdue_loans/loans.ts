import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Dag } from "@tidemill/dag-core";
import { runTask, type RunTaskOptions, type TaskResult } from "@tidemill/dag-core/testing";
import { testContext } from "@tidemill/dag-core/testing";
import type { PartChoice } from "../../../dags/overdue_loans/lib/check-part.ts";
import { initSchema } from "../../../dags/overdue_loans/lib/init-schema.ts";
import { type LoadedParts, loadParts } from "../../../dags/overdue_loans/lib/load-parts.ts";
import { type Entity, entities } from "../../../dags/overdue_loans/lib/records.ts";
import { partFile } from "../../../dags/overdue_loans/lib/split-files.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

type Row = Record<string, unknown>;
export type Part = Readonly<Record<Entity, readonly object[]>>;

const technical = new Set([
  "load_ts",
  "loaded_at",
  "run_id",
  "rejected_at",
  "rejected_row_id",
  "replaced_at",
  "computed_at",
]);
const tables = [
  "etl.loaded_parts",
  "dq.rejected_rows",
  "staging.clients",
  "staging.loans",
  "staging.payments",
  "core.clients",
  "core.loans",
  "core.payments",
  "core.payments_history",
  "mart.data_mart",
  "ops.due_payment",
  "ops.notification_outbox",
  "ops.notification_report",
  "ops.simulation",
];

/** A database of its own with the schema in it, and a folder for parts. */
export async function loanHouse() {
  const target = await targetDatabase();
  const connections = { overdue_loans: target.uri };
  const directory = await mkdtemp(join(tmpdir(), "overdue-loans-"));
  const splitDir = join(directory, "split");
  const context = (options: object = {}) =>
    testContext({ connections, runId: randomUUID(), ...options });
  await using setup = context();
  await initSchema(setup);

  const writeFileOf = async (part: number, entity: Entity, content: string | Buffer) => {
    const file = partFile(splitDir, part, entity);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  const writePart = async (part: number, content: Part): Promise<void> => {
    for (const entity of entities) {
      await writeFileOf(part, entity, JSON.stringify(content[entity], null, 2));
    }
  };
  const load = async (choice: PartChoice, from = splitDir): Promise<LoadedParts> => {
    await using ctx = context();
    return await loadParts(ctx, from, choice);
  };
  /** One text by table, of all that is not technical. */
  const checksums = async (): Promise<Record<string, string>> => {
    const sums: Record<string, string> = {};
    for (const table of tables) {
      const [schema, name] = table.split(".");
      const columns = await target.query<{ column_name: string }>(
        "select column_name from information_schema.columns where table_schema = $1 and table_name = $2 order by ordinal_position",
        [schema, name],
      );
      const kept = columns.map((row) => row.column_name).filter((one) => !technical.has(one));
      const [row] = await target.query<{ sum: string }>(
        `select count(*) || '/' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as sum from (select ${kept.join(", ")} from ${table}) t`,
      );
      sums[table] = row?.sum ?? "";
    }
    return sums;
  };
  const reset = async (): Promise<void> => {
    await target.query(`truncate ${tables.join(", ")}, etl.run_log restart identity`);
    await rm(splitDir, { recursive: true, force: true });
  };
  const rejects = () =>
    target.query<{ source: string; table_name: string; row_key: string; reason_code: string }>(
      "select source, table_name, row_key, reason_code from dq.rejected_rows order by 1, 2, 3",
    );
  const count = async (table: string): Promise<number> => {
    const [row] = await target.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    return row?.n ?? -1;
  };
  return {
    ...target,
    query: <R extends Row = Row>(sql: string, values?: unknown[]) => target.query<R>(sql, values),
    connections,
    directory,
    splitDir,
    context,
    writeFileOf,
    writePart,
    load,
    checksums,
    reset,
    rejects,
    count,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type LoanHouse = Awaited<ReturnType<typeof loanHouse>>;

/** Runs every task of a DAG in its order, outputs handed on; a task that does not succeed is thrown. */
export async function runDag(
  dag: Dag,
  options: Omit<RunTaskOptions, "inputs">,
): Promise<Map<string, TaskResult>> {
  const runId = options.runId ?? randomUUID();
  const results = new Map<string, TaskResult>();
  for (const { taskId, inputs } of dag.manifest.tasks) {
    const given = Object.entries(inputs).map(([name, from]) => [name, results.get(from)?.output]);
    const result = await runTask(dag, taskId, {
      ...options,
      runId,
      inputs: Object.fromEntries(given),
    });
    results.set(taskId, result);
    if (result.state !== "success") {
      throw new Error(`${taskId} is ${result.state}: ${result.error?.message ?? result.message}`);
    }
  }
  return results;
}

/** Records as a file has them, with what a test does not name filled in. */
export const record = {
  client: (id: number, fields: object = {}) => ({
    client_id: id,
    fio: `Клиент ${id}`,
    passport: `45 10 ${String(id).padStart(6, "0")}`,
    gender: "Женщина",
    birth_date: "1990-01-31",
    education: "Высшее",
    count_of_children: null,
    job_type: "ИП",
    region: "Казань",
    family_status: "В браке",
    address: "ул. Речная, д. 1",
    phone: null,
    income: 90_000,
    ...fields,
  }),
  loan: (clientId: number, name: string, fields: object = {}) => ({
    client_id: clientId,
    loan_name: name,
    loan_amount: 40_000,
    loan_start_date: "2024-01-10",
    loan_end_date: "2025-01-01",
    payment_numbers: 4,
    paid_amount: 10_000,
    ...fields,
  }),
  payment: (clientId: number, name: string, number: number, fields: object = {}) => ({
    client_id: clientId,
    loan_name: name,
    payment_number: number,
    payment_date: "2024-01-10",
    payment_fact_date: "2024-01-10",
    paid_fact_amount: 10_000,
    ...fields,
  }),
} as const;
