import { describe, expect, test } from "@jest/globals";
import { RunnerPool } from "../../../packages/dag-core/src/executor/runner-pool.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";
import { ExecutorProbe, handOff } from "../../helpers/executor-probe.ts";
import {
  capacityOf,
  fixtureFolder,
  type PoolFixture,
  startPool,
} from "../../helpers/runner-pool.ts";

const folder = fixtureFolder("dags-deadly");
const deadly = (taskId: string, isolation: "warm" | "fresh" = "warm") =>
  handOff(["deadly", taskId], {}, isolation);

async function processId({ pool, probe }: PoolFixture, isolation: "warm" | "fresh" = "warm") {
  const attempt = deadly("works", isolation);
  pool.submit([attempt]);
  const outcome = await probe.outcome(attempt.id);
  return Number((outcome as { output: string }).output);
}

describe("a runner that dies is replaced and its attempts are lost, each once", () => {
  test("exit in a task that was alone", async () => {
    await using fixture = await startPool(folder);
    const before = await processId(fixture);
    const attempt = deadly("exits");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toEqual({
      kind: "lost",
      reason: "exit",
      wasAlone: true,
      message: 'The process of task "exits" ended with exit code 3',
    });
    expect(await processId(fixture)).not.toBe(before);
  });

  test("what it said before its exit is in its log", async () => {
    await using fixture = await startPool(folder);
    const attempt = deadly("says_why_it_exits");
    fixture.pool.submit([attempt]);
    await fixture.probe.outcome(attempt.id);
    const messages = fixture.probe.lines.get(attempt.id)?.map(({ message }) => message);
    expect(messages).toEqual(["cannot go on", "exit now"]);
  });

  test("the last words of a process hide secrets", async () => {
    const { redact } = createRedactor(["hunter2secret"]);
    const env = { TIDEMILL_CONN_DWH: "token hunter2secret" };
    await using fixture = await startPool(folder, { env, redact });
    const attempt = deadly("dies_with_a_secret");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({
      message: expect.stringMatching(/its last words were: cannot log in with token \*\*\*$/),
    });
    expect(fixture.printed.join("")).toBe("cannot log in with token ***\n");
  });

  test("a line that does not end is shown by its start, and what follows it is whole", async () => {
    const { redact } = createRedactor(["hunter2secret"]);
    const text = `"-".repeat(16_380) + "hunter2secret" + "+".repeat(100_000) + "\\nafter it\\nno end"`;
    const file = `${dagFile("loud")} process.stderr.write(${text});`;
    await using dags = await dagFolder({ "loud.ts": file });
    const { pool, printed } = await startPool(dags.path, { redact });
    await pool.close();
    const [start = "", ...others] = printed;
    expect(start.replace(/^-{16380}/, "")).toBe("***+ … (100009 characters more)\n");
    expect(others).toEqual(["after it\n", "no end\n"]);
  });

  test("the channel to the engine is hidden from tasks", async () => {
    await using fixture = await startPool(folder);
    const attempt = deadly("talks_to_parent");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toEqual({ kind: "success", output: "true" });
  });

  test("exit beside another attempt", async () => {
    await using fixture = await startPool(folder);
    const attempts = [deadly("waits"), deadly("exits")];
    fixture.pool.submit(attempts);
    for (const { id } of attempts) {
      expect(await fixture.probe.outcome(id)).toMatchObject({ kind: "lost", wasAlone: false });
      expect(fixture.probe.outcomes.get(id)).toHaveLength(1);
    }
    expect(fixture.pool.list()).toEqual([]);
  });

  test("out of memory", async () => {
    await using fixture = await startPool(folder, { heapLimitMb: 64 });
    const attempt = deadly("runs_out_of_memory");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({
      kind: "lost",
      reason: "out_of_memory",
      wasAlone: true,
      message: expect.stringContaining("its heap is 64 MB; raise TIDEMILL_RUNNER_HEAP_MB"),
    });
    await processId(fixture);
  });

  test("killed from outside", async () => {
    await using fixture = await startPool(folder);
    const before = await processId(fixture);
    const attempt = deadly("waits");
    fixture.pool.submit([attempt]);
    await fixture.probe.heard("started", attempt.id);
    process.kill(before, "SIGKILL");
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({
      kind: "lost",
      reason: "exit",
      message: expect.stringContaining("was ended by SIGKILL"),
    });
    expect(await processId(fixture)).not.toBe(before);
  });

  test("a loop that never ends", async () => {
    await using fixture = await startPool(folder, { blockedAfterMs: 1_000 });
    const attempt = deadly("loops");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({
      kind: "lost",
      reason: "exit",
      message: expect.stringContaining("had a blocked event loop for longer than 1.0s"),
    });
    await processId(fixture);
  });

  test("a loop past its timeout, alone: a verdict", async () => {
    await using fixture = await startPool(folder);
    const attempt = handOff(["deadly", "loops"], { timeoutMs: 100 });
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({
      kind: "failed",
      reason: "timeout",
      retry: "policy",
    });
  });

  test("a loop past its timeout, beside others: a verdict on it, the others are lost, each to be tried alone", async () => {
    await using fixture = await startPool(folder);
    const waits = deadly("waits");
    const inTime = handOff(["deadly", "waits"], { timeoutMs: 60_000 });
    const loops = handOff(["deadly", "loops"], { timeoutMs: 100 });
    const neverBegan = handOff(["deadly", "waits"], { timeoutMs: 100 });
    fixture.pool.submit([waits, inTime, loops, neverBegan]);
    expect(await fixture.probe.outcome(loops.id)).toMatchObject({
      kind: "failed",
      reason: "timeout",
      error: { message: expect.stringContaining('"loops"') },
    });
    for (const { id } of [waits, inTime, neverBegan]) {
      const lost = { kind: "lost", reason: "exit", wasAlone: false };
      expect(await fixture.probe.outcome(id)).toMatchObject(lost);
    }
  });

  test("a function that ignores its abort ends as stopped, and beside it others are lost through no fault", async () => {
    await using fixture = await startPool(folder);
    const [waits, ignores] = [deadly("waits"), deadly("loops")];
    fixture.pool.submit([waits]);
    await fixture.probe.heard("started", waits.id);
    fixture.pool.submit([ignores]);
    await fixture.pool.stop([ignores.id], 50);
    expect(await fixture.probe.outcome(ignores.id)).toMatchObject({
      kind: "lost",
      reason: "stopped",
    });
    expect(await fixture.probe.outcome(waits.id)).toMatchObject({
      kind: "lost",
      reason: "exit",
      wasAlone: false,
    });
  });

  test("attempts on other runners go on", async () => {
    await using fixture = await startPool(folder, { runners: 2, concurrency: 1 });
    await capacityOf(fixture.pool, 2);
    const [waits, exits] = [deadly("waits"), deadly("exits")];
    fixture.pool.submit([waits]);
    await fixture.probe.heard("started", waits.id);
    fixture.pool.submit([exits]);
    expect(await fixture.probe.outcome(exits.id)).toMatchObject({ kind: "lost", wasAlone: true });
    expect(fixture.pool.list()).toEqual([waits.id]);
  });
});

describe("a fresh process", () => {
  test("is made for one attempt and shares nothing with the warm ones", async () => {
    await using fixture = await startPool(folder);
    const warm = await processId(fixture);
    const first = await processId(fixture, "fresh");
    const second = await processId(fixture, "fresh");
    expect(new Set([warm, first, second]).size).toBe(3);
  });

  test("dies alone", async () => {
    await using fixture = await startPool(folder);
    const [waits, exits] = [deadly("waits"), deadly("exits", "fresh")];
    fixture.pool.submit([waits, exits]);
    expect(await fixture.probe.outcome(exits.id)).toMatchObject({ kind: "lost", wasAlone: true });
    expect(fixture.pool.list()).toEqual([waits.id]);
  });

  test("of a DAG that no file declares", async () => {
    await using fixture = await startPool(folder);
    const attempt = handOff(["unknown", "works"], {}, "fresh");
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toEqual({
      kind: "wrong_version",
      missing: "dag",
    });
  });

  test("can be stopped while it starts", async () => {
    await using fixture = await startPool(folder);
    const attempt = deadly("waits", "fresh");
    fixture.pool.submit([attempt]);
    await fixture.pool.stop([attempt.id], 50);
    expect(fixture.probe.outcomes.get(attempt.id)).toMatchObject([
      { kind: "lost", reason: "stopped" },
    ]);
  });
});

test("a process that dies soon after each start is replaced ever more slowly, and the pool can be closed", async () => {
  const file = `${dagFile("doomed")} setInterval(() => process.exit(9), 100);`;
  await using dags = await dagFolder({ "doomed.ts": file });
  const fixture = await startPool(dags.path);
  const attempt = handOff(["doomed", "b"]);
  const waits = handOff(["doomed", "a"]);
  fixture.pool.submit([attempt, waits]);
  await Promise.all([fixture.probe.outcome(attempt.id), fixture.probe.outcome(waits.id)]);
  await fixture.pool.close();
  expect(fixture.pool.list()).toEqual([]);
});

describe("close", () => {
  test("while processes are starting", async () => {
    const probe = new ExecutorProbe();
    const { reports } = probe;
    const pool = new RunnerPool({
      dagsFolder: folder,
      reports,
      installationId: "test",
      runners: 2,
    });
    const starting = pool.start().catch((error: unknown) => error);
    await pool.close();
    expect(await starting).toMatchObject({ code: "TIDEMILL_RUNNER_START" });
  });

  test("ends everything, and what comes later is refused", async () => {
    const fixture = await startPool(folder, { runners: 2 });
    const attempts = [deadly("waits"), deadly("waits"), deadly("waits", "fresh")];
    fixture.pool.submit(attempts);
    await fixture.probe.heard("started", attempts[0]?.id);
    await fixture.pool.close();
    await fixture.pool.close();
    const late = deadly("works");
    fixture.pool.submit([late]);
    for (const { id } of [...attempts, late]) {
      expect(fixture.probe.outcomes.get(id)).toMatchObject([{ kind: "lost", reason: "stopped" }]);
    }
    expect(fixture.pool.freeSlots()).toBe(0);
  });
});
