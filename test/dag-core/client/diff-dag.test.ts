import { describe, expect, test } from "@jest/globals";
import { dag, type DagBuilder, type DagOptions } from "@tidemill/dag-core";
import type { z } from "zod";
import { compareManifests } from "../../../packages/dag-core/src/client/diff-dag.ts";
import type { DagManifest } from "../../../packages/dag-core/src/definition/manifest.ts";
import { plainDag } from "../../helpers/factory.ts";

type Options = Partial<DagOptions<z.ZodType>>;

const daily = { schedule: "@daily", startDate: "2026-01-01", catchup: "all" } as const;
const manifestOf = (options: Options = {}, tasks?: Parameters<typeof plainDag>[1]) =>
  plainDag("d", tasks, { ...daily, ...options }).manifest;

function compare(
  before: DagManifest,
  after: DagManifest,
  { covered = "2026-01-05T00:00Z", keptRuns = [] as readonly string[] } = {},
) {
  return compareManifests({
    before,
    after,
    coveredUntil: new Date(covered),
    keptRuns,
    now: new Date("2026-01-05T10:00Z"),
    count: 3,
  });
}

const said = (start: Date, end: Date) =>
  `${start.toISOString().slice(5, 13)}/${end.toISOString().slice(5, 13)}`;
const starts = (runs: ReturnType<typeof compare>["nextRuns"]["after"]) =>
  runs.map((run) => said(run.dataIntervalStart, run.dataIntervalEnd));

describe("what a new version of a DAG changes", () => {
  test("nothing", () => {
    const diff = compare(manifestOf(), manifestOf(), { keptRuns: ["r"] });
    expect(diff).toMatchObject({ isSame: true, fields: [], keptRuns: [], warnings: [] });
    expect(diff.nextRuns.before).toEqual(diff.nextRuns.after);
  });

  test("the hour of its schedule: one short interval joins, nothing is covered twice", () => {
    const diff = compare(manifestOf(), manifestOf({ schedule: "0 6 * * *" }));
    expect(diff.fields.map((change) => change.field)).toEqual(["schedule"]);
    expect(starts(diff.nextRuns.before)).toEqual([
      "01-05T00/01-06T00",
      "01-06T00/01-07T00",
      "01-07T00/01-08T00",
    ]);
    expect(starts(diff.nextRuns.after)).toEqual([
      "01-05T00/01-05T06",
      "01-05T06/01-06T06",
      "01-06T06/01-07T06",
    ]);
    expect(diff.joining && said(diff.joining.start, diff.joining.end)).toBe("01-05T00/01-05T06");
    expect(diff.warnings).toEqual([
      "the first interval, 2026-01-05T00:00:00.000Z to 2026-01-05T06:00:00.000Z, is 6h 0m long: it joins the time that is covered with the new ticks",
    ]);
  });

  test("its zone", () => {
    const diff = compare(manifestOf(), manifestOf({ timezone: "Europe/Berlin" }));
    expect(starts(diff.nextRuns.after)[0]).toBe("01-05T00/01-05T23");
    expect(diff.joining).toBeDefined();
  });

  test("its schedule, to one whose ticks meet the covered time: no interval joins", () => {
    const diff = compare(manifestOf(), manifestOf({ schedule: "0 */6 * * *" }));
    expect(diff).toMatchObject({ joining: undefined, warnings: [] });
  });

  test.each<[string, Options, Options, readonly string[]]>([
    [
      "intervals to instants",
      {},
      { schedule: { cron: "@daily", interval: "none" } },
      [
        "runs were about the interval before a tick and are about the instant of a tick: look at every use of dataInterval and logicalDate",
      ],
    ],
    [
      "instants to intervals",
      { schedule: { cron: "@daily", interval: "none" } },
      {},
      [
        "runs were about the instant of a tick and are about the interval before a tick: look at every use of dataInterval and logicalDate",
      ],
    ],
    [
      "a start date beyond what is covered",
      {},
      { startDate: "2026-02-01" },
      ["nothing runs from 2026-01-05T00:00:00.000Z to the new start date 2026-02-01T00:00:00.000Z"],
    ],
    [
      "an earlier start date",
      {},
      { startDate: "2025-01-01" },
      [
        "time before 2026-01-05T00:00:00.000Z counts as done whatever the new start date; a backfill runs what is missing",
      ],
    ],
    ["a later start date within what is covered", {}, { startDate: "2026-01-03" }, []],
    ["an end date in the past", {}, { endDate: "2026-01-02" }, ["there are no next runs any more"]],
    ["no schedule", {}, { schedule: null }, ["there are no next runs any more"]],
    [
      "catchup all",
      { catchup: "none" },
      { catchup: "all" },
      [
        'catchup "all" runs nothing that was passed over before; a backfill does, missed_interval names it',
      ],
    ],
    ["fewer runs at once", {}, { maxActiveRuns: 1 }, []],
  ])("%s", (_name, before, after, warnings) => {
    expect(compare(manifestOf(before), manifestOf(after)).warnings).toEqual(warnings);
  });

  test("tasks: added, gone, and each field that differs", () => {
    const build = (pool: string, retries: number) =>
      dag("d", daily, ({ task }: DagBuilder<object>) => {
        const extract = task("extract", { run: () => 1 });
        task("load", { after: [extract], pool, retries, run: () => 2 });
        if (retries === 0) task("old", { run: () => 3 });
        else task("new", { run: () => 4 });
      }).manifest;
    const { tasks, warnings } = compare(build("a", 0), build("b", 2), { keptRuns: ["r1", "r2"] });
    expect(tasks).toEqual({
      added: ["new"],
      removed: ["old"],
      changed: [
        {
          taskId: "load",
          fields: [
            { field: "retries", before: 0, after: 2 },
            { field: "pool", before: "a", after: "b" },
          ],
        },
      ],
    });
    expect(warnings).toEqual([
      'runs that have not ended (2) keep the old tasks and edges; "old", which the code no longer has, becomes removed in them',
    ]);
  });

  test("before the first run nothing joins", () => {
    const [before, after] = [manifestOf(), manifestOf({ schedule: "0 6 * * *" })];
    const options = { before, after, coveredUntil: undefined, keptRuns: [], count: 1 };
    const diff = compareManifests({ ...options, now: new Date("2026-01-05T10:00Z") });
    expect(diff).toMatchObject({ joining: undefined, warnings: [] });
  });
});
