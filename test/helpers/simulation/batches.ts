import { expect, test } from "@jest/globals";
import { replayCommand, runSchedule } from "./schedule.ts";

const perBatch = 1_000;

/** A test for each thousand of seeds; files of their own share them among the workers of jest. */
export function testBatches(batches: readonly number[]): void {
  test.each(batches)(
    "a thousand schedules keep all invariants: %i",
    async (batch) => {
      let commits = 0;
      for (let seed = batch * perBatch; seed < (batch + 1) * perBatch; seed++) {
        const result = await runSchedule({ seed });
        commits += result.commits;
        if (result.broken.length > 0) throw new Error(await replayCommand(result));
      }
      expect(commits).toBeGreaterThan(perBatch * 20);
    },
    180_000,
  );
}
