import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { BackfillEntry } from "../../../packages/dag-core/src/backfill/plan.ts";
import { inOrder, settle, slices } from "../../../packages/dag-core/src/backfill/settle.ts";
import { draw } from "../../helpers/property.ts";

const day = (number: number) => new Date(Date.UTC(2026, 0, number));

function entry(number: number, given: Partial<BackfillEntry> = {}): BackfillEntry {
  const interval = { start: day(number), end: day(number + 1) };
  const reason = "no run covers it";
  return {
    interval,
    runAfter: interval.end,
    action: "create",
    reason,
    runId: `r${number}`,
    ...given,
  };
}

const ordered = (entries: readonly BackfillEntry[]) => [...inOrder(entries)];
const batch = (runId: string, ...days: number[]) => days.map((number) => entry(number, { runId }));
const covered = (number: number) => ({ start: day(number), end: day(number + 1), runId: "other" });
const none = { covered: [], ended: new Set<string>() };

test("intervals of one run have the ordinal of the first of them", () => {
  const planned = ordered([entry(1), ...batch("b", 2, 3, 4), entry(5)]);
  expect(planned.map((run) => [run.ordinal, run.runOrdinal])).toEqual([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 5],
  ]);
});

test("slices hold everything once and in order, and none ends within a run", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 7 }),
      (lengths, weight) => {
        const entries = lengths.flatMap((length, index) =>
          batch(`b${index}`, ...Array.from({ length }, (_, n) => index * 10 + n)),
        );
        const parts = [...slices(inOrder(entries), weight)];
        expect(parts.flat().map((run) => run.ordinal)).toEqual(entries.map((_, n) => n + 1));
        for (const part of parts) {
          expect(part[0]?.runOrdinal).toBe(part[0]?.ordinal);
          expect(part.length).toBeLessThan(weight + 5);
        }
      },
    ),
    draw,
  );
});

describe("when a slice is stored", () => {
  test("what nothing has changed stays as it was planned", () => {
    const planned = ordered([entry(1), entry(2, { action: "clear", dagRunId: "7" })]);
    expect(settle(planned, { covered: [covered(2)], ended: new Set(["7"]) })).toEqual(planned);
  });

  test.each([
    ["the same interval", covered(2)],
    ["a part of it", { ...covered(2), start: new Date("2026-01-02T23:00Z") }],
    ["more than it", { ...covered(2), start: day(1), end: day(4) }],
  ])("an interval that another run covers by now is left to it: %s", (_name, other) => {
    const [settled] = settle(ordered([entry(2)]), { ...none, covered: [other] });
    expect(settled).toMatchObject({ action: "skip", reason: expect.stringContaining("other") });
  });

  test("neighbours do not count", () => {
    const [settled] = settle(ordered([entry(2)]), { ...none, covered: [covered(1), covered(3)] });
    expect(settled).toMatchObject({ action: "create" });
  });

  test("a run that was started again is left alone", () => {
    const [settled] = settle(ordered([entry(2, { action: "clear", dagRunId: "7" })]), none);
    expect(settled).toMatchObject({ action: "skip", reason: expect.stringContaining("again") });
  });

  test("the rest of a batch that is torn gets runs of its own", () => {
    const settled = settle(ordered(batch("b", 1, 2, 3)), { ...none, covered: [covered(2)] });
    expect(settled.map((run) => [run.action, run.runId, run.runOrdinal])).toEqual([
      ["create", "backfill__2026-01-02T00:00:00+00:00", 1],
      ["skip", "b", 1],
      ["create", "backfill__2026-01-04T00:00:00+00:00", 3],
    ]);
  });
});
