import { describe, expect, test } from "@jest/globals";
import { createClient } from "@tidemill/dag-core/client";
import { dagText, testEngine } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";

interface LogRow {
  readonly task_id: string;
  readonly map_index: number;
  readonly try_number: number;
  readonly state: string;
  readonly reason: string | null;
  readonly error: string | null;
}

/** Starts an engine with one DAG, runs it once, and answers with its run log. */
async function runOnce(body: string, dagOptions?: string) {
  const running = await testEngine({ files: { "d.ts": dagText("d", body, dagOptions) } });
  const client = createClient({ databaseUrl: running.db.url, actor: "test" });
  const over = new AbortController();
  const options = { signal: over.signal };
  const ended = Promise.race([
    running.engine.events.next("dag_run.succeeded", { dagId: "d" }, options),
    running.engine.events.next("dag_run.failed", { dagId: "d" }, options),
  ]);
  const { runId } = await client.trigger("d");
  const { event } = await ended;
  over.abort();
  await client.close();
  const log = await sql<LogRow>(
    running.db.database,
    "select task_id, map_index, try_number, state, reason, error from run_log order by ended_at",
  );
  const states = await sql<{ task_id: string; map_index: number; state: string }>(
    running.db.database,
    "select task_id, map_index, state from task_instance order by task_instance_id",
  );
  return { ...running, runId, event, log, states };
}

describe("a run", () => {
  test("a task that fails twice and then succeeds shows three tries in the run log", async () => {
    await using run = await runOnce(
      `task("flaky", { retries: 2, retryDelay: "10ms", run: ({ tryNumber }) => { if (tryNumber < 3) throw new Error("boom " + tryNumber); return tryNumber; } });`,
    );
    expect(run.event).toBe("dag_run.succeeded");
    expect(run.log.map((row) => [row.try_number, row.state, row.error])).toEqual([
      [1, "up_for_retry", "boom 1"],
      [2, "up_for_retry", "boom 2"],
      [3, "success", null],
    ]);
  });

  test("a task that fails for good gives exactly one alert, and its run one", async () => {
    await using run = await runOnce(
      `task("bad", { retries: 1, retryDelay: "10ms", run: () => { throw new Error("for good"); } });`,
    );
    expect(run.event).toBe("dag_run.failed");
    const alerts = await sql(run.db.database, "select kind, try_number from alert order by kind");
    expect(alerts).toEqual([
      { kind: "dag_run.failed", try_number: 0 },
      { kind: "task_instance.failed", try_number: 2 },
    ]);
  });

  test("outputs reach the tasks that name them, one by one and as a list", async () => {
    await using run = await runOnce(`
      const list = task("list", { run: () => ["x", "y", "z"] });
      const upper = each("upper", { over: list, run: ({ item, index }) => item.toUpperCase() + index });
      task("join", { inputs: { upper, list }, run: ({ inputs }) => { if (inputs.upper.join() !== "X0,Y1,Z2" || inputs.list.length !== 3) throw new Error(JSON.stringify(inputs)); } });`);
    expect(run.event).toBe("dag_run.succeeded");
    expect(run.states.filter((s) => s.task_id === "upper")).toHaveLength(3);
  });

  test("an empty list skips the mapped task and what follows it", async () => {
    await using run = await runOnce(`
      const list = task("list", { run: () => [] });
      const mapped = each("mapped", { over: list, run: ({ item }) => item });
      task("after", { inputs: { mapped }, run: () => 1 });`);
    expect(run.event).toBe("dag_run.succeeded");
    expect(Object.fromEntries(run.states.map((s) => [s.task_id, s.state]))).toEqual({
      list: "success",
      mapped: "skipped",
      after: "skipped",
    });
  });

  test("a branch lets its case run and skips the other", async () => {
    await using run = await runOnce(`
      const way = branch("way", { cases: ["left", "right"], run: () => "right" });
      task("left", { when: way.is("left"), run: () => 1 });
      task("right", { when: way.is("right"), run: () => 1 });`);
    expect(Object.fromEntries(run.states.map((s) => [s.task_id, s.state]))).toEqual({
      way: "success",
      left: "skipped",
      right: "success",
    });
  });

  test("a sensor asks again without holding a slot and hands on what it found", async () => {
    await using run = await runOnce(`
      let asked = 0;
      const file = sensor("wait", { every: "20ms", timeout: "1m", poke: () => (++asked > 2 ? { asked } : undefined) });
      task("use", { inputs: { file }, run: ({ inputs }) => { if (inputs.file.asked !== 3) throw new Error("asked " + inputs.file.asked); } });`);
    expect(run.event).toBe("dag_run.succeeded");
    expect(run.log.map((row) => row.task_id)).toEqual(["wait", "use"]);
  });

  test("a run that is out of time ends, and so does what runs in it", async () => {
    await using run = await runOnce(
      `task("slow", { run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(new Error("aborted")))) });
       task("never", { after: [task("slow2", { run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(new Error("aborted")))) })], run: () => 1 });`,
      `schedule: null, timeout: "300ms"`,
    );
    expect(run.event).toBe("dag_run.failed");
    const [row] = await sql(run.db.database, "select state, reason from dag_run");
    expect(row).toEqual({ state: "failed", reason: "run_timeout" });
    expect(run.states.map((s) => s.state)).toEqual(["failed", "failed", "skipped"]);
  });

  test("pools and per-DAG limits are never exceeded", async () => {
    await using run = await runOnce(
      `for (let i = 0; i < 12; i++) task("t" + i, { run: async ({ signal }) => { await new Promise((yes) => { const t = setTimeout(yes, 15); signal.addEventListener("abort", () => clearTimeout(t)); }); return Date.now(); } });`,
      `schedule: null, maxActiveTasksPerDag: 2`,
    );
    expect(run.event).toBe("dag_run.succeeded");
    const [most] = await sql<{ most: number }>(
      run.db.database,
      `select max(n)::integer as most from (
         select (select count(*) from task_try o where o.claimed_at <= t.claimed_at and o.ended_at > t.claimed_at) as n
         from task_try t) x`,
    );
    expect(most?.most).toBeLessThanOrEqual(2);
    expect(run.log).toHaveLength(12);
    const left = await sql(run.db.database, "select * from limit_holder");
    expect(left).toEqual([]);
  });
});
