import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { dag, type DagBuilder, TidemillError } from "@tidemill/dag-core";
import { isDag } from "../../../packages/dag-core/src/definition/dag.ts";
import { plainDag } from "../../helpers/factory.ts";

const manual = { schedule: null, startDate: "2026-01-01" } as const;
const run = () => 1;

/** The builder without its types, as JavaScript sees it. */
type Loose = Record<keyof DagBuilder<unknown>, (id: unknown, options?: unknown) => never>;
const declare = (define: (builder: Loose) => unknown, options: object = {}) =>
  dag("orders", { ...manual, ...options }, (b) => define(b as unknown as Loose) as void);
const taskOf = (made: ReturnType<typeof dag>, taskId: string) =>
  made.manifest.tasks.find((task) => task.taskId === taskId);

describe("the manifest", () => {
  test("has every default filled in", () => {
    const made = dag("orders", manual, ({ task }) => void task("a", { run }));
    expect(made.manifest).toEqual({
      dagId: "orders",
      schedule: { kind: "none" },
      timezone: "UTC",
      startDate: "2026-01-01T00:00:00.000Z",
      catchup: "latest",
      paramsSchema: expect.objectContaining({ type: "object", additionalProperties: false }),
      maxActiveRuns: 16,
      runState: "leaves",
      tags: [],
      alerts: { onFailure: true, onSuccess: false, onRetry: false },
      tasks: [
        {
          taskId: "a",
          kind: "task",
          upstream: [],
          inputs: {},
          triggerRule: "all_success",
          retries: 0,
          retryDelayMs: 300_000,
          retryBackoff: "fixed",
          maxRetryDelayMs: 86_400_000,
          retryJitter: "none",
          pool: "default_pool",
          poolSlots: 1,
          priorityWeight: 1,
          isolation: "warm",
        },
      ],
    });
  });

  test("keeps what a DAG says", () => {
    const options = {
      schedule: "0 3 * * *",
      timezone: "Europe/Berlin",
      startDate: "2026-07-01",
      endDate: "2026-08-01T00:00Z",
      catchup: "all",
      maxActiveRuns: 1,
      maxActiveTasks: 2,
      maxActiveTasksPerDag: 3,
      timeout: "2h",
      runState: "any_failure",
      tags: ["dwh"],
      owner: "bi",
      description: "Orders of a day",
      alerts: { onRetry: true },
    } as const;
    const made = dag("orders", options, ({ task }) => void task("a", { run }));
    expect(made.manifest).toMatchObject({
      schedule: { kind: "cron", crons: ["0 3 * * *"], interval: "previous" },
      timezone: "Europe/Berlin",
      startDate: "2026-06-30T22:00:00.000Z",
      endDate: "2026-08-01T00:00:00.000Z",
      catchup: "all",
      maxActiveRuns: 1,
      maxActiveTasks: 2,
      maxActiveTasksPerDag: 3,
      runTimeoutMs: 7_200_000,
      runState: "any_failure",
      tags: ["dwh"],
      owner: "bi",
      description: "Orders of a day",
      alerts: { onFailure: true, onSuccess: false, onRetry: true },
    });
  });

  test("lets a task's own option win over the DAG's", () => {
    const defaults = { retries: 2, timeout: "1m", pool: "dwh", retryBackoff: "exponential" };
    const made = declare(
      ({ task }) => {
        task("a", { run });
        task("b", { run, retries: 0, pool: undefined, retryJitter: "none" });
      },
      { defaults },
    );
    expect(taskOf(made, "a")).toMatchObject({
      retries: 2,
      timeoutMs: 60_000,
      pool: "dwh",
      retryJitter: "airflow",
    });
    expect(taskOf(made, "b")).toMatchObject({ retries: 0, pool: "dwh", retryJitter: "none" });
  });

  test("takes what is undefined for what is left out", () => {
    const alerts = { onFailure: undefined };
    const made = declare(({ task }) => task("a", { run, retries: undefined }), { alerts });
    expect(made.manifest.alerts.onFailure).toBe(true);
    expect(taskOf(made, "a")?.retries).toBe(0);
    expect(JSON.parse(JSON.stringify(made.manifest))).toEqual(made.manifest);
  });

  test("describes each kind of task", () => {
    const made = dag("orders", manual, ({ task, branch, each, sensor }) => {
      const list = task("list", { run: () => ["a"] });
      each("dynamic", { over: list, maxActive: 2, run: ({ item }) => item });
      each("static", { over: [1, 2, 3], run: ({ item }) => item });
      const mode = branch("mode", { cases: ["full", "part"], run: () => "full" });
      task("full", { when: mode.is("full"), run, concurrencyKey: "api" });
      sensor("file", { every: "30s", timeout: "6h", poke: () => 1 });
    });
    expect(taskOf(made, "dynamic")).toMatchObject({
      kind: "each",
      upstream: ["list"],
      over: { task: "list" },
      maxActive: 2,
    });
    expect(taskOf(made, "static")).toMatchObject({ over: { length: 3 }, upstream: [] });
    expect(made.tasks.get("static")).toMatchObject({ kind: "each", items: [1, 2, 3] });
    expect(taskOf(made, "mode")).toMatchObject({ kind: "branch", cases: ["full", "part"] });
    expect(taskOf(made, "full")).toMatchObject({
      upstream: ["mode"],
      when: { branch: "mode", label: "full" },
      concurrencyKey: { key: "api", limit: 1 },
    });
    expect(taskOf(made, "file")).toMatchObject({
      kind: "sensor",
      pokeEveryMs: 30_000,
      pokeTimeoutMs: 21_600_000,
      timeoutMs: 21_600_000,
    });
  });

  test("bounds one poke by the DAG's timeout where that is shorter", () => {
    const made = declare(
      ({ sensor }) => sensor("file", { every: "30s", timeout: "6h", poke: run }),
      { defaults: { timeout: "1m" } },
    );
    expect(taskOf(made, "file")).toMatchObject({ timeoutMs: 60_000, pokeTimeoutMs: 21_600_000 });
  });

  test("lists each upstream once, in order of declaration, and weighs the tasks", () => {
    const made = dag("orders", manual, ({ task }) => {
      const a = task("a", { run });
      const b = task("b", { run, after: [a] });
      task("c", { run, inputs: { b, again: b }, after: [b, a], priorityWeight: 5 });
      task("d", { run, after: [a], weightRule: "absolute" });
    });
    expect(taskOf(made, "c")).toMatchObject({
      upstream: ["a", "b"],
      inputs: { b: "b", again: "b" },
    });
    expect(made.manifest.tasks.map((task) => task.priorityWeight)).toEqual([8, 6, 5, 1]);
  });

  test("is frozen all the way down, and so are the functions", () => {
    const made = declare(({ task }) => task("a", { run }), { tags: ["x"] });
    expect(Object.isFrozen(made)).toBe(true);
    expect(() => (made.manifest.tags as string[]).push("y")).toThrow(TypeError);
    expect(() => Object.assign(taskOf(made, "a") ?? {}, { retries: 9 })).toThrow(TypeError);
    expect(() => (made.tasks as Map<string, unknown>).set("b", {})).toThrow(TypeError);
    expect(() => Object.assign(made.tasks.get("a") ?? {}, { run })).toThrow(TypeError);
  });
});

describe("groups", () => {
  test("prefix ids, nest, and return what their body returns", () => {
    const made = dag("orders", manual, ({ task, group }) => {
      const { north } = group("extract", (outer) => ({
        north: outer.group("eu", (inner) => inner.task("north", { run })),
      }));
      task("sum", { inputs: { north }, run: ({ inputs }) => inputs.north });
    });
    expect(made.manifest.tasks.map((task) => task.taskId)).toEqual(["extract.eu.north", "sum"]);
    expect(taskOf(made, "sum")?.inputs).toEqual({ north: "extract.eu.north" });
  });

  test("may not make an id too long or end in a dot", () => {
    expect(() => declare((b) => b.group("g.", (i: Loose) => i.task("a", { run })))).toThrow(
      'Task id "g..a"',
    );
    expect(() =>
      declare((b) => b.group("g".repeat(199), (i: Loose) => i.task("ab", { run }))),
    ).toThrow("has 202 characters, more than ids may have");
  });
});

describe("what a DAG refuses", () => {
  test.each<[string, (b: Loose) => unknown, string]>([
    ["no task", () => undefined, 'DAG "orders" declares no task'],
    ["an id with a space", (b) => b.task("a b", { run }), 'Task id "a b"'],
    ["an id that is no text", (b) => b.task(undefined, { run }), "Task id"],
    ["a bad group id", (b) => b.group("a/b", run), 'Group id "a/b"'],
    [
      "one id twice",
      (b) => [b.task("a", { run }), b.task("a", { run })],
      'Task "a" of DAG "orders" is declared twice',
    ],
    [
      "an unknown option",
      (b) => b.task("a", { run, retrys: 3 }),
      '"retrys" is not an option of task "a" of DAG "orders"',
    ],
    ["a near miss", (b) => b.task("a", { run, retrys: 3 }), 'did you mean "retries"?'],
    ["no options", (b) => b.task("a"), 'Options of task "a" of DAG "orders" are undefined'],
    ["no run", (b) => b.task("a", {}), 'Option "run" of task "a" of DAG "orders" is missing'],
    ["a run that is no function", (b) => b.task("a", { run: 5 }), 'Option "run" of task "a"'],
    ["negative retries", (b) => b.task("a", { run, retries: -1 }), "at least 0"],
    ["half a retry", (b) => b.task("a", { run, retries: 1.5 }), "is 1.5; write a whole number"],
    ["a bad duration", (b) => b.task("a", { run, timeout: "5 minutes" }), 'is "5 minutes"; write'],
    ["a timeout of nothing", (b) => b.task("a", { run, timeout: "0s" }), "more than 0"],
    ["an endless delay", (b) => b.task("a", { run, retryDelay: "99999999d" }), "at most 36500d"],
    ["no slots", (b) => b.task("a", { run, poolSlots: 0 }), "at least 1"],
    ["a bad pool", (b) => b.task("a", { run, pool: "a b" }), 'Option "pool"'],
    [
      "a list of rules",
      (b) => b.task("a", { run, triggerRule: ["always"] }),
      "is an object; choose",
    ],
    ["a run in place of a rule", (b) => b.task("a", { run, triggerRule: run }), "is a function"],
    ["an output that is no schema", (b) => b.task("a", { run, output: {} }), "is not a zod schema"],
    ["an unknown rule", (b) => b.task("a", { run, triggerRule: "all" }), "choose one of all_succ"],
    ["a bad key", (b) => b.task("a", { run, concurrencyKey: { key: "a", limit: 0 } }), "is 0"],
    ["a NUL character", (b) => b.task("a", { run, description: "\0" }), "has no NUL character"],
    ["inputs that are no task", (b) => b.task("a", { run, inputs: { x: 42 } }), '"inputs.x"'],
    ["inputs that are a list", (b) => b.task("a", { run, inputs: [] }), "is not an object"],
    ["after that is no list", (b) => b.task("a", { run, after: {} }), "is not a list"],
    ["after that is no task", (b) => b.task("a", { run, after: ["b"] }), '"after[0]"'],
    ["a branch without cases", (b) => b.branch("a", { run, cases: [] }), "is empty"],
    ["a case twice", (b) => b.branch("a", { run, cases: ["x", "x"] }), 'names "x" twice'],
    [
      "a teardown of a task",
      (b) => b.teardown("z", { run, of: [b.task("a", { run })] }),
      "not a setup",
    ],
    ["a teardown of no list", (b) => b.teardown("a", { run, of: "b" }), '"of"'],
    [
      "a setup that fails runs",
      (b) => b.setup("a", { run, onFailureFailsRun: true }),
      "is not an option of",
    ],
    ["each without a list", (b) => b.each("a", { run }), 'Option "over" of task "a"'],
    ["each over a text", (b) => b.each("a", { run, over: "abc" }), "is not a task"],
    ["a sensor without every", (b) => b.sensor("a", { poke: run, timeout: "1h" }), '"every"'],
    ["a sensor that runs", (b) => b.sensor("a", { run, every: "1s", timeout: "1h" }), '"run" is'],
  ])("%s", (_name, define, message) => {
    const attempt = () => declare(define);
    expect(attempt).toThrow(TidemillError);
    expect(attempt).toThrow(message);
  });

  test("a case that the branch does not have, and a branch that is none", () => {
    expect(() =>
      declare((b) => {
        const mode = b.branch("mode", { cases: ["full"], run }) as { is(c: string): unknown };
        b.task("a", { run, when: mode.is("weekly") });
      }),
    ).toThrow('names case "weekly", which branch "mode" does not have; choose one of full');
    expect(() =>
      declare((b) => {
        const branch = b.task("a", { run });
        b.task("b", { run, when: { branch, label: "x" } });
      }),
    ).toThrow('names "a", which is not a branch');
  });

  test("a task of another DAG, and a forged reference", () => {
    let foreign: unknown;
    declare(({ task }) => (foreign = task("a", { run })) && undefined);
    for (const ref of [foreign, { taskId: "a" }]) {
      expect(() =>
        declare(({ task }) => {
          task("a", { run });
          task("z", { run, after: [ref] });
        }),
      ).toThrow('Task "z" of DAG "orders" follows "a", which this DAG did not declare');
    }
  });

  test("a body that awaits, and a task declared later", async () => {
    let late: (() => unknown) | undefined;
    expect(() => declare(async ({ task }) => task("a", { run }))).toThrow(
      'DAG "orders" is declared by an async function',
    );
    expect(() =>
      declare(({ group }) => group("g", async () => Promise.reject(new Error()))),
    ).toThrow('Group "g" of DAG "orders" is declared by an async function');
    declare(({ task }) => {
      task("a", { run });
      late = () => task("b", { run });
    });
    expect(late).toThrow('task "b" of DAG "orders" is declared after the DAG was finished');
  });

  test.each<[string, object, string]>([
    ["an unknown option", { shedule: "@daily" }, 'did you mean "schedule"?'],
    [
      "no schedule",
      { schedule: undefined },
      'Option "schedule" of DAG "orders" is missing; write a cron text',
    ],
    [
      "no start",
      { startDate: undefined },
      'Option "startDate" of DAG "orders" is missing; write a date',
    ],
    ["a bad start", { startDate: "yesterday" }, '"yesterday" is not a date'],
    ["an end before its start", { endDate: "2025-01-01" }, 'Option "endDate" of DAG "orders" is'],
    ["an unknown zone", { timezone: "Mars/Olympus" }, '"Mars/Olympus" is not a time zone'],
    ["a bad cron", { schedule: "61 * * * *" }, 'Schedule "61 * * * *"'],
    ["no active runs", { maxActiveRuns: 0 }, "at least 1"],
    ["a bad catchup", { catchup: true }, "choose one of none, latest, all"],
    ["tags that are a text", { tags: "dwh" }, 'Option "tags"'],
    ["an unknown default", { defaults: { retry: 1 } }, "is not an option of defaults of DAG"],
    ["a bad default", { defaults: { retries: "3" } }, 'Option "retries" of defaults of DAG'],
    ["a bad alert", { alerts: { onFailure: 1 } }, 'Option "onFailure" of alerts of DAG'],
    ["params that are no schema", { params: {} }, "is not a zod schema"],
    ["params that are no object", { params: z.string() }, "is not an object schema"],
    ["params that JSON cannot carry", { params: z.object({ at: z.date() }) }, "has no JSON Schema"],
    [
      "a scheduled run without its params",
      { schedule: "@daily", params: z.object({ region: z.string() }) },
      "does not accept {}, which scheduled runs start with: region is refused",
    ],
  ])("%s", (_name, options, message) => {
    expect(() => declare(({ task }) => task("a", { run }), options)).toThrow(message);
  });

  test("a DAG id, and a missing body", () => {
    expect(() => dag("a/b", manual, () => undefined)).toThrow('DAG id "a/b"');
    expect(() => dag("a", manual, undefined as never)).toThrow("has no function that declares");
  });
});

test("a DAG is told from what only looks like one", () => {
  const made = declare(({ task }) => task("a", { run }));
  expect(isDag(made)).toBe(true);
  expect(isDag({ ...made })).toBe(false);
  expect(isDag(undefined)).toBe(false);
});

test("10,000 tasks in one DAG", () => {
  const made = declare(({ task }) => {
    let last: unknown[] = [];
    for (let i = 0; i < 10_000; i++) last = [task(`t${i}`, { run, after: last })];
  });
  expect(taskOf(made, "t0")?.priorityWeight).toBe(10_000);
});

describe("failFast", () => {
  const run = () => 1;
  const make = (triggerRule: "all_success" | "one_failed") =>
    dag("d", { schedule: null, startDate: "2026-01-01", failFast: true }, ({ task, teardown }) => {
      const a = task("a", { run });
      task("b", { after: [a], triggerRule, run });
      teardown("z", { after: [a], run });
    });

  test("is in the manifest, and only where it is asked for", () => {
    expect(make("all_success").manifest.failFast).toBe(true);
    const plain = dag("d", { schedule: null, startDate: "2026-01-01", failFast: false }, (b) => {
      b.task("a", { run });
    });
    expect("failFast" in plain.manifest).toBe(false);
  });

  test("has no use for a rule that waits for a failure", () => {
    expect(() => make("one_failed")).toThrow('task "b" has triggerRule "one_failed"');
  });
});

test("a DAG whose tasks depend on their past has no runs over several intervals", () => {
  const make = (maxBatch: number) =>
    plainDag(
      "d",
      { a: [] },
      { schedule: "@daily", backfill: { maxBatch }, defaults: { dependsOnPast: true } },
    );
  expect(() => make(2)).toThrow(
    'Option "backfill" of DAG "d" lets one run cover 2 intervals, but task "a" depends on its past',
  );
  expect(make(1).manifest.backfill).toEqual({ maxBatch: 1 });
});

test("the manifest says what is a setup, a teardown and a short circuit", () => {
  const run = () => true;
  const made = dag("d", { schedule: null, startDate: "2026-01-01" }, (b) => {
    const make = b.setup("make", { run });
    const open = b.shortCircuit("open", { after: [make], run });
    b.teardown("unmake", { of: [make], after: [open], onFailureFailsRun: true, run });
  });
  expect(made.manifest.tasks).toMatchObject([
    { taskId: "make", kind: "task", role: "setup", triggerRule: "all_success" },
    { taskId: "open", kind: "short_circuit", ignoreDownstreamTriggerRules: true },
    {
      taskId: "unmake",
      kind: "task",
      role: "teardown",
      triggerRule: "all_done_setup_success",
      upstream: ["make", "open"],
      onFailureFailsRun: true,
    },
  ]);
});
