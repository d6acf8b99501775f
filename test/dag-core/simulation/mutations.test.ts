import { afterEach, expect, test } from "@jest/globals";
import { type FinishReport, Hop } from "../../../packages/dag-core/src/scheduler/hop.ts";
import { applyHop } from "../../../packages/dag-core/src/testing/simulation/apply-hop.ts";
import { claimQueries } from "../../../packages/dag-core/src/testing/simulation/claim-queries.ts";
import type { QueryHandlers } from "../../../packages/dag-core/src/testing/simulation/memory-store.ts";
import { runQueries } from "../../../packages/dag-core/src/testing/simulation/run-queries.ts";
import type { PlacesWanted } from "../../../packages/dag-core/src/testing/simulation/start-queries.ts";
import { runSchedule } from "../../helpers/simulation/schedule.ts";

/** An engine or a store that is wrong in one point; the checker must come upon it. */
const mostSeeds = 1_500;

async function firstBroken(queries: QueryHandlers): Promise<string> {
  for (let seed = 0; seed < mostSeeds; seed++) {
    const { broken } = await runSchedule({ seed, queries });
    if (broken.length > 0) return broken.join("\n");
  }
  return "nothing was found";
}

const { finish } = Hop.prototype;
afterEach(() => {
  Hop.prototype.finish = finish;
});

const wrong: Readonly<Record<string, readonly [queries: QueryHandlers, found: RegExp]>> = {
  "counts one slot too few": [
    {
      LimitCount: (tables, p) =>
        claimQueries.LimitCount(tables, p).map((row) => ({ ...row, taken: row.taken - 1 })),
    },
    /holds \d of \d/,
  ],
  "counts one active run too few": [
    {
      DagRunPlaces: (tables, p: PlacesWanted, now) =>
        runQueries
          .DagRunPlaces(
            tables,
            Object.assign({}, p, { capacities: p.capacities.map(() => Infinity) }),
            now,
          )
          .map((row) => ({ ...row, running: row.running - 1 })),
    },
    /(runs|backfill):\S+ holds \d of \d/,
  ],
  "forgets to look at a run that was changed": [{ RunTouch: () => [] }, /waits for nothing|never/],
  "never looks for what lost processes left": [{ DagRunOfLostProcesses: () => [] }, /never ended/],
  "does not see what other runs cover": [
    { DagRunIntervalOverlaps: () => [] },
    /twice|There is a row with the key/,
  ],
  "loses the alerts of a hop": [
    {
      RunApply: (tables, p, now) =>
        applyHop(tables, { ...(p as object), alerts: "[]" } as never, now),
    },
    /was not told/,
  ],
  "wakes nothing that waits": [
    {
      DagRunToDecide: (tables, p, now) =>
        runQueries.DagRunToDecide(tables, p, new Date(Math.min(0, now.getTime()))),
    },
    /never ended|waits for nothing/,
  ],
};

test.each(Object.entries(wrong))(
  "a store that %s is found out",
  async (_, [queries, found]) => {
    expect(await firstBroken(queries)).toMatch(found);
  },
  120_000,
);

test("a hop that forgets the fence is found out", async () => {
  Hop.prototype.finish = function (report: FinishReport, maxInfraRetries: number) {
    const held = this.entries.get(report.dagRunId)?.state.find(report.taskInstanceId);
    finish.call(this, { ...report, lease: held?.lease ?? report.lease }, maxInfraRetries);
  };
  expect(await firstBroken({})).toMatch(/is told as|came to|runs under/);
});
