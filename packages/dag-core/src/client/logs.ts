import { type RunLogOptions, runLogLines, type RunLogRow } from "../store/read-model.ts";
import { camelRow, type CamelRow } from "./camel-row.ts";
import { checkTaskOrThrow, findRunOrThrow, type Scope } from "./scope.ts";

export type LogLineItem = Omit<CamelRow<RunLogRow>, "isSettled">;

export interface LogOptions extends Pick<RunLogOptions, "taskId" | "mapIndex" | "tryNumber"> {
  /** Where the last page ended; the beginning when absent. */
  readonly cursor?: LogCursor | undefined;
}

/** Where reading goes on. Plain JSON. */
export interface LogCursor {
  /** All lines up to this one have been read. */
  readonly after: string;
  /** Lines after it that have been read too: younger ones may still become visible between them. */
  readonly seen: readonly string[];
}

export interface LogPage {
  readonly lines: readonly LogLineItem[];
  readonly cursor: LogCursor;
  /** Whether there may be more at once. */
  readonly hasMore: boolean;
}

const pageSize = 1_000;

/**
 * Log lines of a run, of one of its tasks or tries, a page at a time. Ask again with the cursor of the last page to
 * follow a log: no line is left out, though lines of several processes are stored out of order.
 */
export async function readLogs(
  { database }: Scope,
  dagId: string,
  runId: string,
  options: LogOptions = {},
): Promise<LogPage> {
  const { cursor = { after: "0", seen: [] }, ...filter } = options;
  const run = await findRunOrThrow(database, dagId, runId);
  if (filter.taskId !== undefined) checkTaskOrThrow(run.manifest, filter.taskId);
  const limit = pageSize + cursor.seen.length;
  const given = { ...filter, after: cursor.after, limit };
  const rows = await runLogLines(database, run.dag_run_id, given);
  const seen = new Set(cursor.seen);
  const fresh = rows.filter((row) => !seen.has(row.task_log_id));
  return {
    lines: fresh.map(lineOf),
    cursor: cursorAfter(rows, cursor),
    hasMore: rows.length === limit,
  };
}

function cursorAfter(rows: readonly RunLogRow[], before: LogCursor): LogCursor {
  const young = rows.findIndex((row) => !row.is_settled);
  const settled = young < 0 ? rows : rows.slice(0, young);
  const rest = young < 0 ? [] : rows.slice(young);
  return {
    after: settled.at(-1)?.task_log_id ?? before.after,
    seen: rest.map((row) => row.task_log_id),
  };
}

function lineOf(row: RunLogRow): LogLineItem {
  const { isSettled: _, ...line } = camelRow(row);
  return line;
}
