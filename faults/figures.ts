/** What one row of the matrix came to. */
export interface Figures {
  readonly fault: string;
  readonly injections: number;
  /** Attempts that were lost with a process or a runner and given back. */
  readonly triesLost: number;
  /** Whether attempts were to be lost and none was: then the fault was not done, and the row shows nothing. */
  readonly isHarmless: boolean;
  readonly duplicatedEffects: number;
  /** Effects that are not there though their task succeeded, and runs that did not end as they were to. */
  readonly lost: number;
  /** Task instances that were unfinished at the deadline. */
  readonly stuck: number;
  readonly alertsMissing: number;
  /** Messages beyond one for each, but for sends whose answer never came. */
  readonly alertsDoubled: number;
  /** Executions beyond those that were to be expected and those that were cut off. */
  readonly executionsTooMany: number;
  /** Attempts lost of processes that nobody harmed. */
  readonly bystandersLost: number;
  /** From the harm until nothing of it was left, in seconds. */
  readonly recoverySeconds: readonly number[];
  /** From the harm until a run of the schedule that was made after it had succeeded, in seconds. */
  readonly schedulingSeconds: readonly number[];
  /** Invariants that did not hold, with the rows that broke them. */
  readonly broken: Readonly<Record<string, readonly unknown[]>>;
}

export interface Spread {
  readonly median: number;
  readonly max: number;
}

export function spreadOf(seconds: readonly number[]): Spread | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = seconds.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** Why a row is not passed; empty if it is. */
export function problemsOf(figures: Figures): readonly string[] {
  const counted = [
    [figures.duplicatedEffects, "effects are doubled"],
    [figures.lost, "effects or runs are lost"],
    [figures.stuck, "task instances are stuck"],
    [figures.alertsMissing, "alerts are missing"],
    [figures.alertsDoubled, "alerts are doubled"],
    [figures.executionsTooMany, "executions are too many"],
    [figures.bystandersLost, "attempts of unharmed processes are lost"],
  ] as const;
  return [
    ...counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
    ...(figures.isHarmless ? ["the fault has harmed nothing"] : []),
    ...Object.entries(figures.broken).map(
      ([name, rows]) => `not so: ${name} ${JSON.stringify(rows)}`,
    ),
  ];
}

/** One line for each fault, of all that was tried. */
export function mergeFigures(tried: readonly Figures[]): readonly Figures[] {
  const rows = Map.groupBy(tried, (figures) => figures.fault);
  return [...rows.values()].map((same) => same.reduce(merged));
}

function merged(a: Figures, b: Figures): Figures {
  return {
    fault: a.fault,
    injections: a.injections + b.injections,
    triesLost: a.triesLost + b.triesLost,
    isHarmless: a.isHarmless || b.isHarmless,
    duplicatedEffects: a.duplicatedEffects + b.duplicatedEffects,
    lost: a.lost + b.lost,
    stuck: a.stuck + b.stuck,
    alertsMissing: a.alertsMissing + b.alertsMissing,
    alertsDoubled: a.alertsDoubled + b.alertsDoubled,
    executionsTooMany: a.executionsTooMany + b.executionsTooMany,
    bystandersLost: a.bystandersLost + b.bystandersLost,
    recoverySeconds: [...a.recoverySeconds, ...b.recoverySeconds],
    schedulingSeconds: [...a.schedulingSeconds, ...b.schedulingSeconds],
    broken: { ...a.broken, ...b.broken },
  };
}
