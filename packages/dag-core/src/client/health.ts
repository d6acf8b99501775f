import { formatMs } from "../kernel/duration.ts";
import { type AlertTrouble, alertTroubles } from "../store/alert-status.ts";
import { type SchedulerFailureRow, schedulerFailureRecent } from "../store/failure.ts";
import {
  healthCounts,
  type HealthCountsRow,
  processList,
  type ProcessRow,
} from "../store/read-model.ts";
import { mostStuck, stuckList, type StuckRow } from "../store/stuck.ts";
import { camelRow, type CamelRow } from "./camel-row.ts";
import type { Scope } from "./scope.ts";

export type ProcessItem = CamelRow<ProcessRow>;

export interface Health extends CamelRow<HealthCountsRow> {
  readonly isHealthy: boolean;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  /** Channels that do not take alerts, a sentence each; problems only where `isStrict` asks for it. */
  readonly alertTroubles: readonly string[];
  /** One of the problems: task instances that nothing will ever wake. */
  readonly stuck: string | undefined;
  readonly schedulers: number;
  readonly workers: number;
  readonly processes: readonly ProcessItem[];
}

export interface HealthOptions {
  /** Silence after which a process counts as lost, in milliseconds. Defaults to 15 s. */
  readonly leaseMs?: number | undefined;
  /** Age at which work that nobody takes is a problem, in milliseconds. Defaults to 5 min. */
  readonly staleMs?: number | undefined;
  /**
   * Whether alerts that did not arrive and DAG files that cannot be imported are problems too. A restart mends neither,
   * so this is for a monitor and not for what restarts the process. Defaults to false.
   */
  readonly isStrict?: boolean | undefined;
}

/** Whether something schedules and runs tasks, and what waits. */
export async function checkHealth(
  { database }: Scope,
  { leaseMs = 15_000, staleMs = 300_000, isStrict = false }: HealthOptions = {},
): Promise<Health> {
  const rows = await processList(database);
  const counts = await healthCounts(database);
  const failure = await schedulerFailureRecent(database);
  const troubles = (await alertTroubles(database)).map(troubled);
  const stuck = stuckFor(await stuckList(database));
  const alive = rows.filter((row) => row.state === "alive" && row.silent_seconds * 1_000 < leaseMs);
  const schedulers = alive.filter((row) => row.kind === "scheduler").length;
  const problems = [
    ...(schedulers === 0 ? ['No scheduler is alive; run "tidemill scheduler"'] : []),
    ...(failure ? [failed(failure)] : []),
    ...overdue(counts, staleMs),
    ...(stuck === undefined ? [] : [stuck]),
    ...(isStrict ? [...brokenFiles(counts.import_errors), ...troubles] : []),
  ];
  return {
    isHealthy: problems.length === 0,
    problems,
    alertTroubles: troubles,
    stuck,
    schedulers,
    workers: alive.length - schedulers,
    ...camelRow(counts),
    processes: rows.map(camelRow),
  };
}

/** What failed in a scheduler, and how long ago, without a full stop. */
export function failed({ actor, error, age_seconds }: SchedulerFailureRow): string {
  const ago = formatMs(Math.round(age_seconds * 1_000));
  return `${actor} failed ${ago} ago: ${error.split("\n", 1)[0]}; its log says more`;
}

/** What is told of DAG files that cannot be imported, if there are any. */
export function brokenFiles(count: number): readonly string[] {
  if (count === 0) return [];
  return [`${count} DAG files cannot be imported; see "tidemill dags list-import-errors"`];
}

function troubled({ channel, deliveries, error }: AlertTrouble): string {
  const why = error === null ? "no sender takes them" : error;
  return `Channel ${channel} has not taken alerts (${deliveries}): ${why}; see "tidemill alerts status", "tidemill alerts flush" sends them again`;
}

function stuckFor(stuck: readonly StuckRow[]): string | undefined {
  const [first] = stuck;
  if (!first) return undefined;
  const { dag_id, run_id, task_id } = first;
  const example = [dag_id, run_id, ...(task_id === null ? [] : [task_id])].join(" / ");
  const count = stuck.length < mostStuck ? String(stuck.length) : `${mostStuck} or more`;
  return `${count} task instances wait for nothing that could come, ${example} among them; clear them, and report it`;
}

function overdue(counts: HealthCountsRow, staleMs: number): readonly string[] {
  const late = (seconds: number | null) => (seconds ?? 0) * 1_000;
  const due = late(counts.oldest_due_seconds);
  return due > staleMs
    ? [`A scheduled run is due for ${formatMs(due)} and was not created; look at the schedulers`]
    : [];
}
