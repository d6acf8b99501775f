import { describe, test } from "@jest/globals";
import fc from "fast-check";
import { planBackfill } from "../../../packages/dag-core/src/backfill/plan.ts";
import { type NextRuns, nextRuns } from "../../../packages/dag-core/src/rules/next-runs.ts";
import {
  type Interval,
  isInstant,
  subtract,
} from "../../../packages/dag-core/src/timetable/data-interval.ts";
import { check, checkNone, holdsFor } from "../../helpers/property.ts";
import {
  cronSchedules,
  day,
  hour,
  instants,
  intervalSchedules,
  minute,
  type Scheduled,
  take,
} from "../../helpers/schedules.ts";

type Catchup = "none" | "latest" | "all";

/** What happens to a DAG. */
type Step =
  /** Time passes while nobody looks: an outage, a pause, or the second between two looks. Then a scheduler looks. */
  | { readonly does: "look"; readonly afterMs: number }
  /** A scheduler dies before its commit. */
  | { readonly does: "die"; readonly afterMs: number }
  | { readonly does: "jump"; readonly byMs: number }
  | { readonly does: "end"; readonly runs: number }
  /** Somebody triggers the interval of a moment near now. */
  | { readonly does: "trigger"; readonly backMs: number }
  | { readonly does: "catchup"; readonly catchup: Catchup }
  | { readonly does: "edit"; readonly to: Scheduled };

const runsPerLook = 20;

const byStart = (a: Interval, b: Interval) => a.start.getTime() - b.start.getTime();
const meets = (a: Interval, b: Interval) =>
  isInstant(a) ? b.start <= a.start && a.start <= b.end : a.start < b.end && b.start < a.end;
const textOf = ({ start, end }: Interval) => `${start.toISOString()}/${end.toISOString()}`;

/** A DAG with its scheduler: what the tables would hold, and the pure planner. */
class Life {
  scheduled: Scheduled;
  catchup: Catchup;
  nowMs: number;
  readonly maxActiveRuns: number;
  readonly earliest: Date;
  active = 0;
  position: Date | undefined;
  readonly automated: Interval[] = [];
  readonly manual: Interval[] = [];
  readonly missed: Interval[] = [];

  constructor(given: Omit<Given, "steps">) {
    this.scheduled = given.scheduled;
    this.catchup = given.catchup;
    this.nowMs = given.from;
    this.earliest = new Date(given.from);
    this.maxActiveRuns = given.maxActiveRuns;
  }

  plan(): NextRuns {
    const now = new Date(this.nowMs);
    const span = { start: this.position ?? this.earliest, end: now };
    return nextRuns({
      timetable: this.scheduled.timetable,
      restriction: { earliest: this.earliest, catchup: this.catchup },
      coveredUntil: this.position,
      covered: this.manual.filter((run) => meets(run, span)).sort(byStart),
      now,
      activeRuns: this.active,
      maxActiveRuns: this.maxActiveRuns,
      limit: runsPerLook,
    });
  }

  look(): void {
    const { runs, missed, missedSpan, missedCount, settledUntil, ...next } = this.plan();
    const { position = this.earliest, nowMs } = this;
    const mayStart = Math.max(0, this.maxActiveRuns - this.active);
    check(runs.length <= mayStart, "more runs than may be active");
    check(
      runs.every((run) => run.runAfter.getTime() <= nowMs),
      "a run before its time",
    );
    check((settledUntil ?? position) >= position, "the position moves back");
    const isDue = next.nextRunAfter !== undefined && next.nextRunAfter.getTime() <= nowMs;
    check(!isDue || runs.length === runsPerLook, "due at once, though less than may be was made");
    this.active += runs.length;
    this.automated.push(...runs.map((run) => run.interval));
    if (missedSpan) this.note(missedSpan, missedCount === missed.length ? missed : undefined);
    this.position = settledUntil;
  }

  /** What is told as missed, one by one if it is not too much, is the span without what others cover. */
  note(span: Interval, listed: readonly Interval[] | undefined): void {
    this.missed.push(span);
    if (listed === undefined || isInstant(span) || listed.some(isInstant)) return;
    const others = this.manual.filter((run) => meets(run, span));
    check(seams([...listed, ...others]).length === 0, "the missed ones do not make up their span");
    check(listed[0]?.start.getTime() === span.start.getTime(), "the span begins elsewhere");
    check(listed.at(-1)?.end.getTime() === span.end.getTime(), "the span ends elsewhere");
  }

  trigger(backMs: number): void {
    const interval = this.scheduled.timetable.covering(new Date(this.nowMs - backMs));
    if (interval === undefined || interval.start < this.earliest) return;
    if ([...this.automated, ...this.manual].some((run) => meets(run, interval))) return;
    this.manual.push(interval);
  }

  take(step: Step): void {
    switch (step.does) {
      case "look":
        this.nowMs += step.afterMs;
        return this.look();
      case "die":
        this.nowMs += step.afterMs;
        return void this.plan();
      case "jump":
        this.nowMs += step.byMs;
        return;
      case "end":
        this.active = Math.max(0, this.active - step.runs);
        return;
      case "trigger":
        return this.trigger(step.backMs);
      case "catchup":
        this.catchup = step.catchup;
        return;
      case "edit":
        this.scheduled = step.to;
    }
  }
}

interface Given {
  readonly scheduled: Scheduled;
  readonly from: number;
  readonly catchup: Catchup;
  readonly maxActiveRuns: number;
  readonly steps: readonly Step[];
}

/** From half a minute to three years, short ones more often. */
const passing = fc.oneof(
  { arbitrary: fc.integer({ min: minute / 2, max: 3 * hour }), weight: 20 },
  { arbitrary: fc.integer({ min: hour, max: 4 * day }), weight: 30 },
  { arbitrary: fc.integer({ min: day, max: 90 * day }), weight: 8 },
  { arbitrary: fc.integer({ min: day, max: 1100 * day }), weight: 1 },
);
const catchups = fc.constantFrom<Catchup>("none", "latest", "all");
const does = <K extends Step["does"], T>(name: K, key: string, arbitrary: fc.Arbitrary<T>) =>
  arbitrary.map((value) => ({ does: name, [key]: value }) as unknown as Step);
const happenings = [
  { arbitrary: does("look", "afterMs", passing), weight: 8 },
  { arbitrary: does("die", "afterMs", passing), weight: 1 },
  { arbitrary: does("jump", "byMs", fc.integer({ min: -2 * day, max: 2 * day })), weight: 1 },
  { arbitrary: does("end", "runs", fc.integer({ min: 1, max: 20 })), weight: 4 },
  { arbitrary: does("trigger", "backMs", fc.integer({ min: -2 * day, max: 20 * day })), weight: 2 },
];
const switches = { arbitrary: does("catchup", "catchup", catchups), weight: 1 };
const edits = { arbitrary: does("edit", "to", intervalSchedules), weight: 1 };

const lives = (
  schedules: fc.Arbitrary<Scheduled>,
  weights: readonly fc.WeightedArbitrary<Step>[],
  catchup: fc.Arbitrary<Catchup> = catchups,
): fc.Arbitrary<Given> =>
  fc.record({
    scheduled: schedules,
    from: instants,
    catchup,
    maxActiveRuns: fc.integer({ min: 1, max: 30 }),
    steps: fc.array(fc.oneof(...weights), { minLength: 1, maxLength: 14 }),
  });

function live({ steps, ...given }: Given): Life {
  const life = new Life(given);
  for (const step of steps) life.take(step);
  return life;
}

/** Places where a run or a missed span does not begin where the one before ended. */
function seams(pieces: readonly Interval[]): string[] {
  const sorted = [...pieces].sort(byStart);
  return sorted
    .slice(1)
    .filter((piece, at) => piece.start.getTime() !== sorted[at]?.end.getTime())
    .map(textOf);
}

const empty = (runs: readonly Interval[]) => runs.filter((run) => run.end <= run.start).map(textOf);

/** Manual runs in the time that the scheduler has settled, each clipped to it. */
function manualWithin({ manual, automated, missed }: Life, until: Date): Interval[] {
  const starts = [...automated, ...missed].sort(byStart);
  const [first] = starts;
  if (first === undefined) return [];
  return manual.filter((run) => run.end > first.start && run.start < until);
}

/** The rest of a DAG's time is settled as soon as a backfill has run what was missed. */
function backfilled(life: Life): Interval[] {
  const { automated, manual, missed, scheduled, position = new Date(life.nowMs) } = life;
  const covered = [...automated, ...manual].map((run, at) => ({
    ...run,
    runId: `r${at}`,
    dagRunId: `${at}`,
    state: "success" as const,
  }));
  return missed.flatMap(({ start, end }) => {
    const { entries } = planBackfill({
      dagId: "d",
      timetable: scheduled.timetable,
      zone: scheduled.source.timezone,
      from: start,
      to: new Date(end.getTime() - 1),
      now: new Date(position.getTime() + 40 * day),
      covered,
      reprocess: "none",
    });
    return entries.filter((entry) => entry.action === "create").map((entry) => entry.interval);
  });
}

describe("through outages, deaths, pauses, clock jumps, triggers and edits", () => {
  test("all: every moment is covered by one run", () => {
    holdsFor(
      fc.property(lives(intervalSchedules, [...happenings, edits], fc.constant("all")), (given) => {
        const life = live(given);
        checkNone(life.missed, "missed");
        checkNone(empty(life.automated), "empty");
        const last = life.automated.at(-1);
        if (last === undefined) return;
        checkNone(seams([...life.automated, ...manualWithin(life, last.end)]), "seams");
      }),
      { cases: 50_000 },
    );
  });

  test("any catchup: every moment is covered by one run, or told as missed, never both", () => {
    holdsFor(
      fc.property(lives(intervalSchedules, [...happenings, edits, switches]), (given) => {
        const life = live(given);
        const told = [...life.automated, ...life.missed].sort(byStart);
        checkNone(empty(told), "empty");
        const until = told.at(-1)?.end;
        if (until === undefined) return;
        const manual = manualWithin(life, until).sort(byStart);
        const rests = life.missed.flatMap((span) => subtract(span, manual));
        checkNone(seams([...life.automated, ...rests, ...manual]), "seams");
      }),
      { cases: 13_000 },
    );
  });

  test("instants: every tick is run once, or told as missed, never both", () => {
    holdsFor(
      fc.property(lives(cronSchedules("none"), [...happenings, switches]), (given) => {
        const life = live(given);
        if (life.position === undefined) return;
        const { automated, manual, missed } = life;
        const times = automated.map((run) => run.start.getTime());
        const isRising = times.every((at, n) => n === 0 || at > (times[n - 1] ?? 0));
        check(isRising, "runs out of order, or twice");
        const ran = new Set([...times, ...manual.map((run) => run.start.getTime())]);
        const isMissed = (at: Date) => missed.some(({ start, end }) => start <= at && at <= end);
        checkNone(
          automated.filter((run) => isMissed(run.start)),
          "run, though told as missed",
        );
        const ticks = life.scheduled.timetable.between(life.earliest, life.position);
        const lost = take(ticks, 500).filter(
          ({ runAfter }) => !ran.has(runAfter.getTime()) && !isMissed(runAfter),
        );
        checkNone(lost, "lost");
      }),
      { cases: 12_000 },
    );
  });

  test("a backfill of what was missed fills exactly that", () => {
    holdsFor(
      fc.property(lives(intervalSchedules, [...happenings, switches]), (given) => {
        const life = live(given);
        const filled = backfilled(life);
        const within = (run: Interval) => life.missed.some((span) => meets(run, span));
        checkNone(
          filled.filter((run) => !within(run)),
          "filled, though not missed",
        );
        const runs = [...life.automated, ...filled];
        const until = runs.sort(byStart).at(-1)?.end;
        if (until === undefined) return;
        checkNone(seams([...runs, ...manualWithin(life, until)]), "seams");
      }),
      { cases: 1_000 },
    );
  });
});
