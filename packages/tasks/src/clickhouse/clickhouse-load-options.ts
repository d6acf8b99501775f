import type { ConnectionRef } from "@tidemill/dag-core";
import type { PostgresHook } from "../postgres/hook.ts";
import type { SqlSource } from "../sql-file.ts";
import type { ClickHouseHook } from "./hook.ts";

/** Replaces the partitions that the new rows fall into, and no others. */
export interface SwapByPartitions {
  /** The partition key of the table, as it was created, for example `"toYYYYMM(event_date)"`. */
  readonly partitions: string;
  /**
   * The partitions that this load is about, for example `["202405"]`: those without new rows are emptied,
   * and new rows outside of them are an error. Defaults to those that the new rows fall into.
   */
  readonly only?: readonly string[];
}

export interface ClickHouseLoadOptions {
  readonly from: ConnectionRef<PostgresHook>;
  readonly to: ConnectionRef<ClickHouseHook>;
  /** The query on the source; its columns are in the order of `columns`. */
  readonly query: SqlSource & { readonly values?: Readonly<Record<string, unknown>> };
  /** The target, `table` or `database.table`; it must exist. */
  readonly table: string;
  readonly columns: readonly string[];
  /** `"exchange"` replaces the whole table. */
  readonly swap: "exchange" | SwapByPartitions;
  /**
   * Who moves the rows. `push`: this process streams them from Postgres. `pull`: ClickHouse reads them itself, by
   * `postgresql()`, and needs a way to the address of `from`. Defaults to `push`.
   */
  readonly mode?: "push" | "pull";
  /** Changes rows on their way (push only); returning nothing drops the row. Slower: rows are parsed. */
  readonly transform?: (row: Readonly<Record<string, unknown>>) => readonly unknown[] | undefined;
}

export interface ClickHouseLoadResult {
  /** Rows in the target's new content. */
  readonly rows: number;
  /** Bytes that went through this process; only with `push`. */
  readonly bytes?: number;
  /** Milliseconds from the first row to the swap. */
  readonly ms: number;
  readonly mode: "push" | "pull";
}
