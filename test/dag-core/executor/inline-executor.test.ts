import { expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import {
  InlineExecutor,
  type InlineExecutorOptions,
} from "../../../packages/dag-core/src/executor/inline-executor.ts";
import { ExecutorProbe, handOff } from "../../helpers/executor-probe.ts";

const inline = dag("inline", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
  task("works", { run: ({ runId }) => ({ runId }) });
  task("ignores_abort", { run: () => new Promise<void>(() => undefined) });
  task("logs", { run: ({ log }) => log.info("hello") });
});

async function setup(options: Partial<InlineExecutorOptions> = {}) {
  const probe = new ExecutorProbe();
  const given = { dags: [inline], reports: probe.reports, installationId: "test", graceMs: 50 };
  const executor = new InlineExecutor({ ...given, ...options });
  const loaded = await executor.start();
  return { executor, probe, loaded };
}

test("runs attempts in this process by the same steps as a runner", async () => {
  const { executor, probe, loaded } = await setup();
  expect(loaded.dags.map(({ manifest }) => manifest.dagId)).toEqual(["inline"]);
  const [works, logs] = [handOff(["inline", "works"]), handOff(["inline", "logs"])];
  executor.submit([works, works, logs]);
  expect(await probe.outcome(works.id)).toEqual({
    kind: "success",
    output: '{"runId":"manual__2026-01-01"}',
  });
  expect(await probe.outcome(logs.id)).toEqual({ kind: "success" });
  expect(probe.lines.get(logs.id)).toMatchObject([{ message: "hello" }]);
  expect(probe.outcomes.get(works.id)).toHaveLength(1);
});

test("a timeout that is ignored is a verdict all the same", async () => {
  const { executor, probe } = await setup();
  const attempt = handOff(["inline", "ignores_abort"], { timeoutMs: 20 });
  executor.submit([attempt]);
  expect(await probe.outcome(attempt.id)).toMatchObject({ kind: "failed", reason: "timeout" });
});

test("counts its slots, and close ends what runs", async () => {
  const { executor, probe } = await setup({ concurrency: 2 });
  const attempt = handOff(["inline", "ignores_abort"]);
  executor.submit([attempt]);
  expect(executor.freeSlots()).toBe(1);
  expect(executor.list()).toEqual([attempt.id]);
  await executor.close();
  expect(probe.outcomes.get(attempt.id)).toMatchObject([{ kind: "lost", reason: "stopped" }]);
  expect(executor.freeSlots()).toBe(0);
});
