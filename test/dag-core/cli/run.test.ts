import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Daemon, startDaemon } from "../../helpers/cli.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { dagFolder, type DagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";

let fixture: TestDatabase;
let folder: DagFolder;
const env = () => ({
  TIDEMILL_DATABASE_URL: fixture.url,
  TIDEMILL_DAGS_FOLDER: folder.path,
  TIDEMILL_RUNNERS: "1",
});
const run = (...args: readonly string[]) => runCli(args, { env: env() });
const json = async (...args: readonly string[]) => {
  const told = await run(...args, "--output", "json");
  return { ...told, value: JSON.parse(told.stdout) };
};
const tasks = `
  const a = task("extract", { run: ({ log, params }) => { log.info("extracting", { region: params.region }); return 2; } });
  task("load", { inputs: { a }, run: ({ inputs }) => inputs.a * 21 });`;
const file = (dagId: string, body: string, zod = "") => `import { dag } from DAG_CORE;
export default dag("${dagId}", { schedule: null, startDate: "2026-01-01"${zod} }, ({ task, each, branch }) => {${body}
});
`;

beforeAll(async () => {
  fixture = await testDatabase();
  folder = await dagFolder({
    "orders.ts": file("orders", tasks),
    "broken.ts": "throw new Error('no such table');",
    "fails.ts": file(
      "fails",
      'const a = task("a", { run: () => { throw new Error("out of paper"); } }); task("b", { after: [a], run: () => 1 });',
    ),
    "retries.ts": file(
      "retries",
      'task("a", { retries: 2, run: () => { throw new Error("no"); } });',
    ),
    "slow.ts": file(
      "slow",
      'task("a", { run: ({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason))) });',
    ),
    "daily.ts": `import { dag } from DAG_CORE;
export default dag("daily", { schedule: "@daily", startDate: "2100-01-01" }, ({ task }) => {
  task("a", { run: ({ dataInterval }) => dataInterval.start.toISOString() });
});
`,
    "waits.ts": file("waits", "")
      .replace("branch })", "waitForEvent })")
      .replace("{\n}", '{ waitForEvent("wait", { event: "ready" }); }'),
    "mapped.ts": file(
      "mapped",
      `const list = task("list", { run: () => [1, 2, 3] });
       const doubled = each("item", { over: list, run: ({ item }) => item * 2 });
       const way = branch("way", { after: [doubled], cases: ["left", "right"], run: () => "left" });
       task("left", { when: way.is("left"), run: () => "l" });
       task("right", { when: way.is("right"), run: () => "r" });`,
    ),
  });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await fixture.drop();
});

describe("in the foreground, without an engine", () => {
  test("tasks test runs one task and shows what it returned", async () => {
    const told = await json("tasks", "test", "orders", "load", "--inputs", '{"a":2}');
    expect(told).toMatchObject({ exitCode: 0, value: { state: "success", output: 42 } });
  });

  test("tasks test of a task that fails: exit code 1 and its error", async () => {
    const told = await json("tasks", "test", "fails", "a");
    expect(told.exitCode).toBe(1);
    expect(told.value.error).toContain("out of paper");
  });

  test("tasks test of a task mapped over an output is given its item, and asks for it", async () => {
    const told = await json("tasks", "test", "mapped", "item", "--item", "21");
    expect(told).toMatchObject({ exitCode: 0, value: { state: "success", output: 42 } });
    const without = await run("tasks", "test", "mapped", "item");
    expect(without.exitCode).not.toBe(0);
    expect(without.stderr).toContain("name one item of it with --item '<json>'");
    const unmapped = await run("tasks", "test", "mapped", "list", "--item", "1");
    expect(unmapped.stderr).toContain('"list" is not mapped and takes no item; leave out --item');
  });

  test("dags test follows the rules: mapped tasks, branches, inputs", async () => {
    const { exitCode, value } = await json("dags", "test", "mapped");
    expect(exitCode).toBe(0);
    const ended = value.tasks.map((one: Record<string, unknown>) =>
      [one["taskId"], one["mapIndex"], one["output"]].join(" "),
    );
    expect(ended).toEqual([
      "list -1 1,2,3",
      "item 0 2",
      "item 1 4",
      "item 2 6",
      "way -1 left",
      "left -1 l",
      "right -1 ",
    ]);
  });

  test("dags test of a DAG that fails: exit code 1", async () => {
    const { exitCode, value } = await json("dags", "test", "fails");
    expect({ exitCode, state: value.state }).toEqual({ exitCode: 1, state: "failed" });
    expect(value.tasks).toMatchObject([
      { taskId: "a", state: "failed", tries: 1 },
      { taskId: "b", state: "upstream_failed", tries: 0 },
    ]);
  });

  test("tasks test names the input that is missing, and how to give it", async () => {
    const told = await run("tasks", "test", "orders", "load");
    expect(told).toMatchObject({ exitCode: 2, stdout: "" });
    expect(told.stderr).toContain(
      `Input "a" of task "load" is not given, and it is the output of task "extract", which does not run here; add --inputs '{"a":...}'`,
    );
    const wrong = await run("tasks", "test", "orders", "load", "--inputs", "[1]");
    expect(wrong.stderr).toContain("--inputs is not a JSON object");
  });

  test("tasks test of a task with retries says that it failed, and when a run would try again", async () => {
    const { stdout, exitCode } = await run("tasks", "test", "retries", "a");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /Task a failed after \d+ ms; a run tries it again after 5m 0s: Error: no/,
    );
  });

  test("dags test gets the events that it is given", async () => {
    const given = await json("dags", "test", "waits", "--event", 'ready={"by":"anna"}');
    expect(given).toMatchObject({ exitCode: 0, value: { tasks: [{ output: { by: "anna" } }] } });
    expect(given.value.tasks[0]).not.toHaveProperty("error");
    const bad = await run("dags", "test", "waits", "--event", "ready={");
    expect(bad.stderr).toContain('The payload of event "ready" is not JSON');
    expect(bad.stderr).toContain("; write --event");
  });

  test("dags test says which event a task waits for, and how it is sent", async () => {
    const { exitCode, value } = await json("dags", "test", "waits");
    expect(exitCode).toBe(1);
    expect(value.tasks).toMatchObject([
      { taskId: "wait", state: "deferred", error: expect.stringContaining("events send ready") },
    ]);
  });
});

describe("with a scheduler", () => {
  let daemon: Daemon;

  beforeAll(async () => {
    daemon = await startDaemon({ ...env(), TIDEMILL_STACK_FILE: "/nowhere/stack.json" });
  });

  test("trigger --wait: exit code 0, the run and its tasks", async () => {
    const { exitCode, value } = await json("trigger", "orders", "--wait", "--timeout", "40s");
    expect(exitCode).toBe(0);
    expect(value).toMatchObject({
      dagId: "orders",
      state: "success",
      triggeredBy: expect.stringMatching(/^cli:/),
    });
    const ended = value.tasks.map((task: Record<string, unknown>) => task["state"]);
    expect(ended).toEqual(["success", "success"]);
    const none = await run("logs", "orders", value.runId, "extract", "--try", "9");
    expect(none).toMatchObject({ exitCode: 2, stdout: "" });
    expect(none.stderr).toContain("--try 9 names no try of that run; the last is 1");
    const { stdout } = await run("logs", "orders", value.runId, "extract");
    expect(stdout).toContain("extracting");
    const shown = await json("runs", "show", "orders");
    expect(shown.value.runId).toBe(value.runId);
  });

  test("trigger --wait of a run that fails: exit code 1; its try says why; clear runs it again", async () => {
    const told = await run("trigger", "fails", "--wait", "--timeout", "40s");
    expect(told.exitCode).toBe(1);
    expect(told.stdout).toContain("failed");
    expect(told.stderr).toContain("a is failed");
    expect(told.stderr).toMatch(
      /a failed \(try 1\): out of paper\n {2}tidemill logs fails manual__\S+ a\n/,
    );
    const shown = await run("runs", "show", "fails");
    expect(shown.stdout).toContain("a failed (try 1): out of paper\n  tidemill logs fails ");
    const failure = { taskId: "a", mapIndex: -1, tryNumber: 1, reason: "error" };
    const { value: details } = await json("runs", "show", "fails");
    expect(details.failures).toEqual([{ ...failure, error: "out of paper" }]);
    const logged = await run("logs", "fails", "latest", "a");
    expect(logged.stdout).toMatch(/ error a#1 Error: out of paper\n\s+at .*fails\.ts/);
    const line = JSON.parse((await run("logs", "fails", "latest", "--output", "json")).stdout);
    expect(line).toMatchObject({ level: "error", taskId: "a", message: "Error: out of paper" });
    expect(line.fields).toMatchObject({ class: "Error", stack: expect.stringContaining("at ") });
    const tries = await json("tasks", "list", "fails", "latest");
    expect(tries.value).toMatchObject([
      { taskId: "a", state: "failed", error: expect.stringContaining("out of paper") },
    ]);
    const { value: runs } = await json("runs", "list", "fails");
    const cleared = await json("tasks", "clear", "fails", runs[0].runId);
    expect(cleared.value.tasks).toHaveLength(2);
    const again = await json("runs", "watch", "fails", "--timeout", "40s");
    expect(again).toMatchObject({ exitCode: 1, value: { clearNumber: 1, state: "failed" } });
  });

  test("runs cancel aborts what runs", async () => {
    const { value } = await json("trigger", "slow");
    const wait = run("trigger", "slow", "--wait", "--timeout", "1ms");
    expect((await wait).exitCode).toBe(1);
    expect((await wait).stderr).toMatch(/is (queued|running) after 1ms/);
    await run("runs", "cancel", "slow", value.runId, "--why", "enough");
    const ended = await json("runs", "watch", "slow", value.runId);
    expect(ended).toMatchObject({ exitCode: 1, value: { state: "cancelled", reason: "manual" } });
    const newest = await json("runs", "cancel", "slow", "latest");
    const { value: runs } = await json("runs", "list", "slow");
    expect(newest).toMatchObject({ exitCode: 0 });
    for (const one of runs) await run("runs", "cancel", "slow", one.runId);
  });

  test("a paused DAG: says so, and explain names it", async () => {
    await run("dags", "pause", "orders");
    const told = await run("trigger", "orders", "--output", "json");
    expect(told.stderr).toContain('run "tidemill dags unpause orders"');
    const { value } = await json("tasks", "explain", "orders");
    expect(value[0].reasons[0]).toMatchObject({ reason: 'DAG "orders" is paused' });
    await run("dags", "unpause", "orders");
    const ended = await json("runs", "watch", "orders", "--timeout", "40s");
    expect(ended.exitCode).toBe(0);
  });

  test("a mapped task that is cleared is expanded again", async () => {
    const { value: run } = await json("trigger", "mapped", "--wait", "--timeout", "40s");
    expect(run.state).toBe("success");
    const cleared = await json("tasks", "clear", "mapped", "latest", "item", "--downstream");
    const ids = cleared.value.tasks.map((one: Record<string, unknown>) => one["taskId"]);
    expect(ids).toEqual(expect.arrayContaining(["item", "way", "left", "right"]));
    const { value: again } = await json("runs", "watch", "mapped", "--timeout", "40s");
    expect(again).toMatchObject({ state: "success", clearNumber: 1 });
    const states = again.tasks.map((one: Record<string, unknown>) =>
      [one["taskId"], one["mapIndex"], one["state"]].join(" "),
    );
    expect(states.toSorted()).toEqual([
      "item 0 success",
      "item 1 success",
      "item 2 success",
      "left -1 success",
      "list -1 success",
      "right -1 skipped",
      "way -1 success",
    ]);
  });

  test("a backfill runs to its end, and again what had failed", async () => {
    const range = ["--from-date", "2026-01-01", "--to-date", "2026-01-05"];
    const dry = await json("backfill", "create", "daily", ...range, "--dry-run");
    expect(dry.value).toMatchObject({ isDryRun: true, plan: { counts: { create: 5 } } });
    const made = await json(
      "backfill",
      "create",
      "--dag-id",
      "daily",
      ...range,
      "--plan",
      dry.value.plan.hash,
    );
    expect(made.exitCode).toBe(0);
    await daemon.logged((line) => line.event === "backfill.completed");
    const { value: status } = await json("backfill", "status", made.value.backfillId);
    expect(status).toMatchObject({ state: "success", runs: 5, success: 5, progress: 1 });
    const shown = await run("backfill", "status", made.value.backfillId);
    expect(shown.stdout).not.toContain("runs a minute");
    for (const more of [[], ["--dry-run"]]) {
      const again = await run("backfill", "create", "daily", ...range, ...more);
      expect(again).toMatchObject({ exitCode: 0, stderr: "" });
      expect(again.stdout).toContain("Nothing to do: 5 intervals are left as they are");
    }
    const redo = await json(
      "backfill",
      "create",
      "daily",
      ...range,
      "--reprocess-behavior",
      "completed",
      "--run-backwards",
      "--max-active-runs",
      "1",
    );
    expect(redo.value.counts).toEqual({ create: 0, clear: 5, skip: 0 });
    await daemon.logged((line) => line.event === "backfill.completed");
    const { value: runs } = await json("runs", "list", "daily");
    expect(runs).toHaveLength(5);
    expect(runs.every((run: Record<string, unknown>) => run["clearNumber"] === 1)).toBe(true);
    const started = runs.map((run: Record<string, unknown>) => String(run["startedAt"]));
    expect(started).toEqual(started.toSorted());
  });

  test("lists: DAGs, import errors, health, pools, doctor, db", async () => {
    const dags = await json("dags", "list");
    expect(dags.value.map((one: Record<string, unknown>) => one["dagId"])).toEqual([
      "daily",
      "fails",
      "mapped",
      "orders",
      "retries",
      "slow",
      "waits",
    ]);
    const errors = await json("dags", "list-import-errors");
    expect(errors).toMatchObject({
      exitCode: 1,
      value: [{ file: "broken.ts", message: expect.stringContaining("no such table") }],
    });
    expect(await json("health")).toMatchObject({
      exitCode: 0,
      value: { isHealthy: true, schedulers: 1 },
    });
    expect(await json("health", "--strict")).toMatchObject({
      exitCode: 1,
      value: {
        isHealthy: false,
        problems: ['1 DAG files cannot be imported; see "tidemill dags list-import-errors"'],
      },
    });
    expect((await json("pools", "set", "dwh", "4", "the warehouse")).value).toEqual({
      pool: "dwh",
      slots: 4,
      description: "the warehouse",
    });
    expect((await run("pools", "set", "wide", "-1")).stdout).toBe("Pool wide has no cap\n");
    expect((await json("pools", "list")).value).toHaveLength(3);
    const send = ["events", "send", "go", "--payload", '{"by":"anna"}', "--key", "k"] as const;
    expect((await run(...send)).stdout).toBe("Event go is sent, and kept for 7d 0h\n");
    expect((await json(...send)).value).toEqual({ name: "go", isNew: false });
    expect((await run("assets", "update", "raw.orders")).stdout).toBe(
      "Asset raw.orders is updated\n",
    );
    expect((await json("assets", "list")).value).toEqual([]);
    expect((await json("db", "check")).value).toMatchObject({ isUpToDate: true });
    expect((await json("doctor")).value.findings).toContainEqual({
      subject: "processes",
      verdict: "good",
      says: "1 schedulers and 0 workers are alive",
    });
    expect((await json("alerts", "test")).value).toMatchObject({ schedulers: 1 });
  });

  test("SIGTERM: it stops in order and leaves with 0", async () => {
    expect(await daemon.stop()).toBe(0);
    const { exitCode, value } = await json("health");
    expect({ exitCode, schedulers: value.schedulers }).toEqual({ exitCode: 1, schedulers: 0 });
  });
});
