import { tidemillError } from "@tidemill/dag-core";
import type { ClickHouseLoadOptions, SwapByPartitions } from "./clickhouse-load-options.ts";
import type { ClickHouseHook } from "./hook.ts";
import { quoteTable, quoteText, type TableName } from "./quote.ts";

interface Partition {
  readonly id: string;
  /** Its value, as the server prints it. */
  readonly value: string;
}

const partitionsSql = `
  select distinct partition_id as id, partition as value
  from system.parts
  where database = {database:String} and table = {table:String} and active
  order by id`;
const partitionKeySql = `
  select partition_key as key
  from system.tables
  where database = {database:String} and name = {table:String}`;

/** Puts the staging table's rows in the place of the target's; each step is atomic and can be done again. */
export async function swapStaging(
  hook: ClickHouseHook,
  target: TableName,
  staging: TableName,
  swap: ClickHouseLoadOptions["swap"],
): Promise<void> {
  if (swap === "exchange") {
    await hook.command(`exchange tables ${quoteTable(staging)} and ${quoteTable(target)}`);
    return;
  }
  const fresh = await partitionsOf(hook, staging);
  const { only } = swap;
  const wanted = ({ id, value }: Partition): boolean =>
    only === undefined || only.includes(value) || only.includes(id);
  const stray = fresh.filter((partition) => !wanted(partition));
  if (stray.length > 0) throw strayError(target, stray, only ?? []);
  for (const { id } of fresh) {
    const statement = `alter table ${quoteTable(target)} replace partition id ${quoteText(id)}`;
    await hook.command(`${statement} from ${quoteTable(staging)}`);
  }
  if (only === undefined) return;
  const kept = new Set(fresh.map(({ id }) => id));
  const emptied = (await partitionsOf(hook, target)).filter((it) => wanted(it) && !kept.has(it.id));
  for (const { id } of emptied) {
    await hook.command(`alter table ${quoteTable(target)} drop partition id ${quoteText(id)}`);
  }
}

const partitionsOf = (hook: ClickHouseHook, table: TableName): Promise<Partition[]> =>
  hook.query<Partition>(partitionsSql, { values: { ...table } });

/**
 * A swap by partitions is only right when the caller and the table mean the same partitions.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the table does not exist or has another partition key.
 */
export async function checkTarget(
  hook: ClickHouseHook,
  target: TableName,
  swap: "exchange" | SwapByPartitions,
): Promise<void> {
  const [found] = await hook.query<{ key: string }>(partitionKeySql, { values: { ...target } });
  const subject = `ClickHouse table "${target.database}.${target.table}"`;
  if (found === undefined) {
    const problem = `does not exist at ${hook.address}`;
    const remedy = "create it before the load, for example with clickhouseSql";
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
  }
  if (swap === "exchange" || withoutSpace(found.key) === withoutSpace(swap.partitions)) return;
  const problem = `is partitioned by "${found.key}", not by "${swap.partitions}"`;
  const remedy = `write the table's own key, or swap by "exchange"`;
  throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy });
}

const withoutSpace = (text: string): string => text.replace(/\s/g, "");

const strayError = (
  { database, table }: TableName,
  stray: readonly Partition[],
  only: readonly string[],
): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The query for ClickHouse table "${database}.${table}"`,
    problem: `gave rows of partitions ${stray.map(({ value }) => value).join(", ")}, outside of ${only.join(", ")}`,
    remedy: "narrow the query, or add those partitions to only",
  });
