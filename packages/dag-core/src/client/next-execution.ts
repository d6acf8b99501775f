import type { DagManifest } from "../definition/manifest.ts";
import type { Interval } from "../timetable/data-interval.ts";
import { restrictionOf, timetableOf } from "../timetable/parse-schedule.ts";
import { dagList } from "../store/read-model.ts";
import { findDagOrThrow, type Scope } from "./scope.ts";

export interface NextExecution {
  readonly logicalDate: Date;
  readonly dataIntervalStart: Date;
  readonly dataIntervalEnd: Date;
  /** Earliest moment at which the run may start. */
  readonly runAfter: Date;
}

/**
 * The next runs that the schedule asks for, as it stands; none for a DAG without schedule.
 *
 * @param count 1 to 100. Defaults to 1.
 */
export async function nextExecutions(
  { database }: Scope,
  dagId: string,
  count = 1,
): Promise<NextExecution[]> {
  const { manifest, now } = await findDagOrThrow(database, dagId);
  const [dag] = await dagList(database, dagId);
  return upcoming(manifest, dag?.last_interval_end ?? undefined, now, Math.min(count, 100));
}

/**
 * The runs that a schedule asks for after what is covered.
 *
 * @param coveredUntil where automated time ends; undefined: the DAG has not run yet.
 */
export function upcoming(
  manifest: DagManifest,
  coveredUntil: Date | undefined,
  now: Date,
  count: number,
): NextExecution[] {
  const timetable = timetableOf(manifest);
  const restriction = restrictionOf(manifest);
  const found: NextExecution[] = [];
  let position = coveredUntil;
  while (found.length < count) {
    const run = timetable.next({ coveredUntil: position, restriction, now });
    if (!run) break;
    found.push(executionOf(run.interval, run.runAfter));
    position = run.interval.end;
  }
  return found;
}

function executionOf({ start, end }: Interval, runAfter: Date): NextExecution {
  return { logicalDate: start, dataIntervalStart: start, dataIntervalEnd: end, runAfter };
}
