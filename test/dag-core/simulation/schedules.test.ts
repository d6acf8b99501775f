import { describe, expect, test } from "@jest/globals";
import { simulate, type SimulationLog } from "@tidemill/dag-core/testing";
import { testBatches } from "../../helpers/simulation/batches.ts";
import { pools } from "../../helpers/simulation/random-dags.ts";
import { runSchedule } from "../../helpers/simulation/schedule.ts";
import { planOf, type World } from "../../helpers/simulation/world.ts";

/** What became of each task instance, by what it is and not by when it ran. */
function resultsOfWorld({ store: { tables } }: World): readonly string[] {
  return [...tables.instances.all()]
    .map((row) => {
      const run = tables.runs.get(row.dag_run_id);
      const date = run?.logical_date?.toISOString();
      return `${run?.dag_id} ${date} ${row.task_id}[${row.map_index}] ${row.state} ${row.try_number}`;
    })
    .sort();
}

function resultsOfLog({ taskInstances, runs }: SimulationLog): readonly string[] {
  const dates = new Map(runs.map((run) => [`${run.dagId}/${run.runId}`, run.logicalDate]));
  return taskInstances
    .map((one) => {
      const date = dates.get(`${one.dagId}/${one.runId}`)?.toISOString();
      return `${one.dagId} ${date} ${one.taskId}[${one.mapIndex}] ${one.state} ${one.tryNumber}`;
    })
    .sort();
}

describe("under faults and operators, in every order that chance comes upon", () => {
  testBatches([0, 1, 2, 3, 4]);
});

test("results are those of a run without any fault", async () => {
  let compared = 0;
  // Of every third seed the DAGs come to the same whichever task ends first.
  for (let seed = 0; seed < 600; seed += 3) {
    const { world, broken } = await runSchedule({ seed });
    expect(broken).toEqual([]);
    const log = await simulate(world.dags, {
      ...planOf(seed),
      seed,
      pools,
      from: "2026-01-01",
      to: "2026-01-09",
    });
    expect(resultsOfWorld(world)).toEqual(resultsOfLog(log));
    compared += log.taskInstances.length;
  }
  expect(compared).toBeGreaterThan(1_000);
});

test("the same seed does the same", async () => {
  const once = async () => {
    const steps: string[] = [];
    const { world, commits } = await runSchedule({ seed: 11, onStep: (text) => steps.push(text) });
    return { steps, commits, results: resultsOfWorld(world) };
  };
  const first = await once();
  expect(first.steps.length).toBeGreaterThan(10);
  expect(await once()).toEqual(first);
});
