import { describe, expect, test } from "@jest/globals";
import {
  backfillRunId,
  joiningRunId,
  manualRunId,
  runTypeOfId,
  scheduledRunId,
} from "../../../packages/dag-core/src/rules/run-id.ts";
import { runOf } from "../../../packages/dag-core/src/timetable/timetable.ts";

const run = runOf({ start: new Date("2026-01-01T00:00Z"), end: new Date("2026-01-02T00:00Z") });

describe("run ids", () => {
  test("a scheduled run is named by its logical date", () => {
    expect(scheduledRunId(run)).toBe("scheduled__2026-01-01T00:00:00+00:00");
  });

  test("the first interval after instants is named by both its ends", () => {
    expect(joiningRunId(run)).toBe(
      "scheduled__2026-01-01T00:00:00+00:00~2026-01-02T00:00:00+00:00",
    );
  });

  test("a run of a backfill is named by the moment from which it may start", () => {
    expect(backfillRunId(run)).toBe("backfill__2026-01-02T00:00:00+00:00");
  });

  test("a manual run keeps the milliseconds and may have a suffix", () => {
    const now = new Date("2026-01-05T10:00:00.123Z");
    expect(manualRunId(now)).toBe("manual__2026-01-05T10:00:00.123+00:00");
    expect(manualRunId(now, "k3x9")).toBe("manual__2026-01-05T10:00:00.123+00:00_k3x9");
  });

  test.each([
    ["scheduled__2026-01-01T00:00:00+00:00", "scheduled"],
    ["manual__x", "manual"],
    ["backfill__x", "backfill"],
    ["nightly", undefined],
    ["scheduled_x", undefined],
  ])("%s claims the type %s", (runId, expected) => {
    expect(runTypeOfId(runId)).toBe(expected);
  });
});
