import type { BackfillPlan } from "../backfill/plan.ts";
import { mostBackfillRuns } from "../definition/backfill-limits.ts";
import { type TidemillError, tidemillError } from "../kernel/errors.ts";
import {
  backfillOverlaps,
  type BackfillRequestRow,
  backfillRunsBetween,
  type BackfillUnfinishedRow,
} from "../store/backfill.ts";
import type { DagFactsRow } from "../store/client.ts";
import type { Queryable } from "../store/database.ts";
import { type BackfillRequest, rangeOf } from "./backfills.ts";

interface NewBackfill {
  readonly dag: DagFactsRow;
  readonly plan: BackfillPlan;
  readonly options: BackfillRequest & { readonly planHash?: string | undefined };
}

export function checkMaxActiveRunsOrThrow(dagId: string, runs: number): void {
  if (Number.isInteger(runs) && runs >= 1 && runs <= mostBackfillRuns) return;
  const problem = `it would have ${runs} runs at once`;
  const remedy = `write a whole number from 1 to ${mostBackfillRuns}`;
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

/** The error of a backfill that somebody cancelled meanwhile. */
export function cutOff(backfillId: string, { dagId }: BackfillRequestRow): TidemillError {
  const problem = `backfill ${backfillId} was cancelled while its runs were created`;
  const remedy = "create it again if that was not meant";
  return tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

/** A backfill that was cut off goes on with the plan that it was made of, or not at all. */
export function checkSameOrThrow(
  { hash }: BackfillPlan,
  unfinished: BackfillUnfinishedRow,
  dagId: string,
): void {
  if (hash === unfinished.plan_hash) return;
  const id = unfinished.backfill_id;
  const problem = `backfill ${id} of this range was cut off while its runs were created, and its plan has changed since`;
  const remedy = `cancel it with "tidemill backfill cancel ${id}" and create it again`;
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}

/** What a new backfill must not be: one over another, one without a run, one of another plan than was agreed to. */
export async function checkNewOrThrow(
  tx: Queryable,
  { dag, plan, options }: NewBackfill,
): Promise<void> {
  await refuseOverlap(tx, dag, options);
  checkPlanOrThrow(plan, options);
}

async function refuseOverlap(
  tx: Queryable,
  dag: DagFactsRow,
  options: BackfillRequest,
): Promise<void> {
  const range = rangeOf(dag, options);
  const [other] = await backfillOverlaps(tx, dag.dag_id, range);
  if (!other) return;
  throw tidemillError("TIDEMILL_BACKFILL_OVERLAP", {
    dagId: dag.dag_id,
    from: options.from,
    to: options.to,
    backfillId: other.backfill_id,
    runs: await backfillRunsBetween(tx, other.backfill_id, range),
  });
}

function checkPlanOrThrow(plan: BackfillPlan, options: NewBackfill["options"]): void {
  const { dagId, from, to, planHash } = options;
  if (plan.counts.create + plan.counts.clear === 0) {
    throw tidemillError("TIDEMILL_BACKFILL_EMPTY", { dagId, from, to, skipped: plan.counts.skip });
  }
  if (planHash === undefined || planHash === plan.hash) return;
  const problem = `its plan is ${plan.hash} now, not ${planHash}`;
  const remedy = "plan it again and look at what has changed";
  throw tidemillError("TIDEMILL_BACKFILL_REFUSED", { dagId, problem, remedy });
}
