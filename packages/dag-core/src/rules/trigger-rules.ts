import type { TriggerRule } from "../definition/trigger-rule.ts";

/** How many of the upstream instances are in which state; the rest is unfinished. */
export interface UpstreamCounts {
  readonly total: number;
  readonly success: number;
  readonly skipped: number;
  /** Cancelled ones count here. */
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly removed: number;
}

export interface TriggerRuleOptions {
  /** Place of an instance of a mapped task, which removed upstream instances do not hold. Defaults to -1: not mapped. */
  readonly mapIndex?: number;
  /** Those among the upstreams that are setups; only `all_done_setup_success` asks. */
  readonly setups?: Pick<UpstreamCounts, "total" | "success" | "skipped">;
}

export interface TriggerVerdict {
  readonly decision: "run" | "wait" | "skip" | "upstream_failed" | "removed";
  /** For people: what the decision rests on. */
  readonly reason: string;
}

type Decision = TriggerVerdict["decision"];

/** The counts, with the sums that the rules ask for. */
interface Facts {
  readonly total: number;
  readonly success: number;
  readonly skipped: number;
  readonly failed: number;
  /** Failed or upstream-failed. */
  readonly bad: number;
  readonly isDone: boolean;
  /** Removed instances that do not hold the task. */
  readonly forgiven: number;
  readonly mapIndex: number | undefined;
  readonly setups: Pick<UpstreamCounts, "total" | "success" | "skipped"> | undefined;
}

/**
 * Airflow's thirteen rules. Each looks at the states that forbid before those that are still missing, so a task
 * ends as soon as its rule cannot be met any more.
 */
const rules: Readonly<Record<TriggerRule, (facts: Facts) => Decision>> = {
  all_success: (f) => {
    if (f.bad > 0) return "upstream_failed";
    if (f.skipped > 0) return "skip";
    if (isShrunk(f)) return "removed";
    return f.success + f.forgiven >= f.total ? "run" : "wait";
  },
  all_failed: (f) => {
    if (f.success > 0 || f.skipped > 0) return "skip";
    return f.bad + f.forgiven >= f.total ? "run" : "wait";
  },
  all_done: (f) => (f.isDone ? "run" : "wait"),
  all_done_min_one_success: (f) => {
    if (f.skipped > 0) return "skip";
    if (!f.isDone) return "wait";
    return f.success > 0 ? "run" : "upstream_failed";
  },
  all_done_setup_success: ({ isDone, setups }) => {
    if (!isDone) return "wait";
    if (setups === undefined || setups.total === 0 || setups.success > 0) return "run";
    return setups.skipped >= setups.total ? "skip" : "upstream_failed";
  },
  one_success: (f) => {
    if (f.success > 0) return "run";
    if (!f.isDone) return "wait";
    return f.skipped >= f.total ? "skip" : "upstream_failed";
  },
  one_failed: (f) => (f.bad > 0 ? "run" : f.isDone ? "skip" : "wait"),
  one_done: (f) => (f.success + f.failed > 0 ? "run" : f.isDone ? "skip" : "wait"),
  none_failed: (f) => {
    if (f.bad > 0) return "upstream_failed";
    return f.success + f.skipped + f.forgiven >= f.total ? "run" : "wait";
  },
  none_failed_min_one_success: (f) => {
    if (f.bad > 0) return "upstream_failed";
    if (f.skipped >= f.total) return "skip";
    return f.success + f.skipped + f.forgiven >= f.total ? "run" : "wait";
  },
  none_skipped: (f) => (f.skipped > 0 ? "skip" : f.isDone ? "run" : "wait"),
  all_skipped: (f) => {
    if (f.success > 0 || f.bad > 0) return "skip";
    return f.skipped >= f.total ? "run" : "wait";
  },
  always: () => "run",
};

/** A mapped instance beyond what is left of an upstream that shrank has no partner any more. */
function isShrunk({ forgiven, success, mapIndex }: Facts): boolean {
  return forgiven > 0 && success > 0 && mapIndex !== undefined && mapIndex >= success;
}

function factsOf(counts: UpstreamCounts, options: TriggerRuleOptions): Facts {
  const { total, success, skipped, failed, upstreamFailed, removed } = counts;
  const { mapIndex = -1, setups } = options;
  const isMapped = mapIndex >= 0;
  const bad = failed + upstreamFailed;
  return {
    total,
    success,
    skipped,
    failed,
    bad,
    isDone: success + skipped + bad + removed >= total,
    forgiven: isMapped ? removed : 0,
    mapIndex: isMapped ? mapIndex : undefined,
    setups,
  };
}

function describe(counts: UpstreamCounts): string {
  const parts = [
    [counts.success, "succeeded"],
    [counts.skipped, "skipped"],
    [counts.failed, "failed"],
    [counts.upstreamFailed, "upstream-failed"],
    [counts.removed, "removed"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const rest = counts.total - parts.reduce((sum, [count]) => sum + count, 0);
  return [...said, ...(rest > 0 ? [`${rest} unfinished`] : [])].join(", ");
}

/**
 * Whether a task may run, by its trigger rule and the states of its upstream instances.
 *
 * Where nothing is unfinished and the rule would still wait (an upstream instance was removed), waiting would never
 * end: the task becomes upstream-failed.
 *
 * @example evaluateTriggerRule("all_success", counts).decision // "run"
 */
export function evaluateTriggerRule(
  rule: TriggerRule,
  counts: UpstreamCounts,
  options: TriggerRuleOptions = {},
): TriggerVerdict {
  if (counts.total === 0) return { decision: "run", reason: "it has no upstream task" };
  const facts = factsOf(counts, options);
  const decided = rules[rule](facts);
  const decision = decided === "wait" && facts.isDone ? "upstream_failed" : decided;
  const { setups } = options;
  const made = setups ? `, of its setups ${setups.success} of ${setups.total} succeeded` : "";
  const reason = `rule ${rule}, of ${counts.total} upstream: ${describe(counts)}${made}`;
  return { decision, reason };
}
