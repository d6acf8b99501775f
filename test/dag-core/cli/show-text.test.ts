import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { diffText } from "../../../packages/dag-core/src/cli/diff-text.ts";
import { declaredTasksTable } from "../../../packages/dag-core/src/cli/run-text.ts";
import { scheduleText } from "../../../packages/dag-core/src/cli/schedule-text.ts";
import { compareManifests } from "../../../packages/dag-core/src/client/diff-dag.ts";
import { parseSchedule } from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import { plainDag } from "../../helpers/factory.ts";

const run = () => undefined;

test("the tasks of a DAG show setups, teardowns, and what each waits for", async () => {
  const options = { schedule: "@daily", startDate: "2026-01-01" };
  const { manifest } = dag("d", options, ({ task, setup, teardown, waitForEvent, waitForRun }) => {
    const up = setup("up", { run });
    const event = waitForEvent("event", { event: "ready", timeout: "6h" });
    const raw = waitForRun("raw", { dag: "orders_raw", timeout: "12h" });
    const work = task("work", { after: [up, event, raw], waitForDownstream: true, run });
    teardown("down", { of: [up], after: [work], run });
  });
  const rows = (await declaredTasksTable(manifest)).split("\n").map((row) => row.split(/ {2,}/));
  expect(rows.map((row) => [row[0], row[1], row.at(-1)])).toEqual([
    ["task", "kind", "waits"],
    ["up", "setup", expect.anything()],
    ["event", "wait_event", "at most 6h 0m"],
    ["raw", "wait_run", "for DAG orders_raw, at most 12h 0m"],
    ["work", "task", "for its past, for what follows it there"],
    ["down", "teardown", expect.anything()],
  ]);
});

describe("a schedule in words", () => {
  test.each([
    ["@daily", "0 0 * * * (UTC)"],
    [
      { cron: "30 2 * * *", gap: "skip", overlap: "both" },
      "30 2 * * * (UTC), gap: skip, overlap: both",
    ],
    [{ cron: "0 6 * * *", interval: "none" }, "0 6 * * * (UTC), interval: none"],
    [{ every: "90s" }, "every 1m 30s"],
    [null, "none"],
  ] as const)("%j: %s", (schedule, text) => {
    expect(scheduleText(parseSchedule(schedule), "UTC")).toBe(text);
  });
});

test("what a file changes is told in words, without JSON of a schedule", async () => {
  const before = plainDag("d", { a: [] }, { schedule: { cron: "0 3 * * *", gap: "skip" } });
  const after = plainDag("d", { a: [] }, { schedule: { every: "1h" }, timeout: "2h" });
  const diff = compareManifests({
    before: before.manifest,
    after: after.manifest,
    coveredUntil: undefined,
    keptRuns: [],
    now: new Date("2026-01-05T00:00:00Z"),
    count: 1,
  });
  const text = await diffText(diff);
  expect(text).toMatch(/DAG +schedule +0 3 \* \* \*, gap: skip +every 1h 0m/);
  expect(text).toMatch(/DAG +runTimeoutMs +2h 0m/);
  expect(text).not.toContain("{");
});
