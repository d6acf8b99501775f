import { describe, test } from "@jest/globals";
import fc from "fast-check";
import { parseCron } from "../../../packages/dag-core/src/timetable/cron.ts";
import { zoneOf } from "../../../packages/dag-core/src/timetable/wall-clock.ts";
import { checkNone, holdsFor } from "../../helpers/property.ts";
import { crons, hour, instants, minute, scheduled, zones } from "../../helpers/schedules.ts";

/** Local time as the platform prints it, apart from the zone arithmetic that is tested. */
const printers = new Map(
  zones.map((timeZone) => {
    const date = { year: "numeric", month: "numeric", day: "numeric" } as const;
    const time = { hour: "numeric", minute: "numeric", hourCycle: "h23" } as const;
    return [timeZone, new Intl.DateTimeFormat("en-US", { timeZone, ...date, ...time })] as const;
  }),
);

/** The wall clock of an instant, in ms as though it were UTC. */
function wallOf(timezone: (typeof zones)[number], at: number): number {
  const parts = printers.get(timezone)?.format(at).match(/\d+/g)?.map(Number) ?? [];
  const [month = 0, date = 0, year = 0, hours = 0, minutes = 0] = parts;
  return Date.UTC(year, month - 1, date, hours, minutes);
}

type Fits = (wall: number) => boolean;

/** Crons that name every day, so that the time of day alone decides. */
const anyDay = crons.filter((cron) => /^\S+ \S+ \* \S+ \*$/.test(cron));

function fitter(cron: string): Fits {
  const { minutes, hours, months } = parseCron(cron);
  return (wall) => {
    const at = new Date(wall);
    const isTime = minutes.includes(at.getUTCMinutes()) && hours.includes(at.getUTCHours());
    return isTime && months.has(at.getUTCMonth() + 1);
  };
}

/** What the words of the gap policy say of local times between two minutes that follow each other. */
function* shifted(fits: Fits, [at, wall]: Minute, [, wallBefore]: Minute): Generator<number> {
  for (let lost = wallBefore + minute; lost < wall; lost += minute) {
    if (fits(lost)) yield at + lost - wallBefore - minute;
  }
}

type Minute = readonly [at: number, wall: number];

interface Night {
  readonly cron: string;
  readonly gap: "shift" | "skip";
  readonly overlap: "first" | "second" | "both";
}

/** The ticks of a night, found by looking at each of its minutes. */
function looked(minutes: readonly Minute[], { cron, gap, overlap }: Night): number[] {
  const fits = fitter(cron);
  const passes = new Map<number, number[]>();
  for (const [at, wall] of minutes) passes.set(wall, [...(passes.get(wall) ?? []), at]);
  const regular = [...passes].filter(([wall]) => fits(wall));
  const wanted = regular.flatMap(([, ats]) => {
    if (overlap === "both") return ats;
    return (overlap === "first" ? ats[0] : ats.at(-1)) ?? [];
  });
  const moved = minutes.flatMap((one, at) => {
    const before = minutes[at - 1];
    return gap === "skip" || before === undefined ? [] : [...shifted(fits, one, before)];
  });
  return [...new Set([...wanted, ...moved])].sort((a, b) => a - b);
}

describe("on every night on which a clock changes", () => {
  test("the ticks are those that somebody finds who looks at the clock each minute", () => {
    const given = fc.record({
      timezone: fc.constantFrom(...zones),
      cron: fc.constantFrom(...anyDay),
      gap: fc.constantFrom("shift" as const, "skip" as const),
      overlap: fc.constantFrom("first" as const, "second" as const, "both" as const),
      near: instants,
    });
    holdsFor(
      fc.property(given, ({ timezone, near, ...night }) => {
        const { endMs } = zoneOf(timezone).periodAt(near);
        const from = (Number.isFinite(endMs) ? endMs : near) - 3 * hour;
        const to = from + 30 * hour;
        const minutes: Minute[] = [];
        for (let at = from; at < to; at += minute) minutes.push([at, wallOf(timezone, at)]);
        const everyHour = night.cron.split(" ")[1] === "*";
        const elapsed = { ...night, gap: "shift", overlap: "both" } as const;
        const expected = looked(minutes, everyHour ? elapsed : night);
        const schedule = { kind: "cron", crons: [night.cron], interval: "none" } as const;
        const { timetable } = scheduled(
          { ...schedule, gap: night.gap, overlap: night.overlap },
          timezone,
        );
        const found = [...timetable.between(new Date(from), new Date(to - 1))];
        const ticks = found.map((run) => run.runAfter.getTime());
        const only = (some: readonly number[], others: readonly number[]) =>
          some.filter((at) => !others.includes(at)).map((at) => new Date(at).toISOString());
        checkNone(only(ticks, expected), "ticks that nobody sees");
        checkNone(only(expected, ticks), "ticks that are lost");
      }),
      { cases: 400 },
    );
  });
});
