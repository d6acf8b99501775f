import { describe, expect, test } from "@jest/globals";
import { dag, type DagBuilder, tidemillError } from "@tidemill/dag-core";
import { checkDags } from "../../../packages/dag-core/src/registry/check.ts";

const now = new Date("2026-06-01T00:00Z");
const run = () => 1;
type Define = (builder: DagBuilder<{}>) => void;

function problems(define: Define, options: object = {}, pools?: ReadonlyMap<string, number>) {
  const made = dag("d", { schedule: "@daily", startDate: "2026-01-01", ...options }, define);
  const registry = { dags: new Map([["d", made]]), files: new Map(), errors: [] };
  return checkDags(registry, { now, ...(pools && { pools }) });
}

describe("checkDags", () => {
  test("says nothing of a plain DAG, with pools and without", () => {
    const define: Define = ({ task }) => void task("a", { pool: "dwh", poolSlots: 4, run });
    expect(problems(define)).toEqual([]);
    expect(problems(define, {}, new Map([["dwh", 4]]))).toEqual([]);
    expect(problems(({ task }) => void task("a", { run }), {}, new Map())).toEqual([]);
  });

  test.each<[string, Define, string]>([
    [
      "a pool that is not there",
      ({ task }) => void task("a", { pool: "dhw", run }),
      'did you mean "dwh"?',
    ],
    [
      "a pool that is too small",
      ({ task }) => void task("a", { pool: "dwh", poolSlots: 5, run }),
      'wants 5 slots of pool "dwh", which has 4',
    ],
  ])("an error: %s", (_name, define, message) => {
    const pools = new Map([["dwh", 4]]);
    const found = {
      level: "error",
      dagId: "d",
      taskId: "a",
      message: expect.stringContaining(message),
    };
    expect(problems(define, {}, pools)).toEqual([found]);
  });

  test("a task that names a DAG which no file declares; a warning where a file could not be loaded", () => {
    const define: Define = ({ triggerDag, waitForRun }) => {
      triggerDag("own", { dag: "d" });
      triggerDag("start", { dag: "martz" });
      waitForRun("wait", { dag: "martz" });
    };
    const options = { schedule: "@daily", startDate: "2026-01-01" } as const;
    const dags = new Map([["d", dag("d", options, define)]]);
    const levels = (errors: Parameters<typeof checkDags>[0]["errors"]) =>
      checkDags({ dags, files: new Map(), errors }, { now })
        .filter((one) => one.taskId !== undefined && one.message.includes('"martz"'))
        .map((one) => [one.level, one.taskId]);
    expect(levels([])).toEqual([
      ["error", "start"],
      ["error", "wait"],
    ]);
    const error = tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId: "martz", known: [] });
    expect(levels([{ file: "martz.ts", error }])).toEqual([
      ["warning", "start"],
      ["warning", "wait"],
    ]);
  });

  test("an unlimited pool is never too small", () => {
    const define: Define = ({ task }) => void task("a", { pool: "dwh", poolSlots: 500, run });
    expect(problems(define, {}, new Map([["dwh", -1]]))).toEqual([]);
  });

  test.each<[string, Define, object, string]>([
    [
      "a rule without upstream",
      ({ task }) => void task("a", { triggerRule: "one_failed", run }),
      {},
      'Task "a" of DAG "d" has triggerRule "one_failed" but nothing upstream',
    ],
    [
      "a teardown of nothing",
      ({ teardown }) => void teardown("a", { run }),
      {},
      'Task "a" of DAG "d" is a teardown of nothing and runs first; add of: [setup], or after',
    ],
    [
      "one_done",
      ({ task }) => void task("b", { after: [task("a", { run })], triggerRule: "one_done", run }),
      {},
      "while the others still run",
    ],
    [
      "none_skipped",
      ({ task }) =>
        void task("b", { after: [task("a", { run })], triggerRule: "none_skipped", run }),
      {},
      "also runs after failures",
    ],
    [
      "a delay above its bound",
      ({ task }) => void task("a", { retries: 1, retryDelay: "2h", maxRetryDelay: "1h", run }),
      {},
      "has a retryDelay of 2h 0m, cut to its maxRetryDelay of 1h 0m",
    ],
    [
      "a task longer than its run",
      ({ task }) => void task("a", { timeout: "2h", run }),
      { timeout: "1h" },
      "longer than its run",
    ],
    [
      "a sensor in a pool",
      ({ sensor }) => void sensor("s", { every: "1m", timeout: "1h", pool: "dwh", poke: run }),
      {},
      'is a sensor in pool "dwh"',
    ],
    [
      "a sensor that asks once",
      ({ sensor }) => void sensor("s", { every: "2h", timeout: "1h", poke: run }),
      {},
      "so it asks once",
    ],
    [
      "a far start",
      ({ task }) => void task("a", { run }),
      { startDate: "2028-01-01" },
      "a year ahead",
    ],
    [
      "a past end",
      ({ task }) => void task("a", { run }),
      { endDate: "2026-02-01" },
      "no more runs",
    ],
    [
      "two limits of one key",
      ({ task }) => {
        task("a", { concurrencyKey: "api", run });
        task("b", { concurrencyKey: { key: "api", limit: 2 }, run });
      },
      {},
      'Concurrency key "api" has limit 2 in task "b" of DAG "d" and 1 in task "a" of DAG "d"',
    ],
  ])("a warning: %s", (_name, define, options, message) => {
    expect(problems(define, options)).toEqual([
      expect.objectContaining({ level: "warning", message: expect.stringContaining(message) }),
    ]);
  });

  describe("a join of the ways of a branch", () => {
    const join =
      (triggerRule: "all_success" | "none_failed_min_one_success", between = false): Define =>
      ({ task, branch }) => {
        const mode = branch("mode", { cases: ["full", "part"], run: () => "full" });
        const full = task("full", { when: mode.is("full"), run });
        const part = task("part", { when: mode.is("part"), run });
        const later = between ? task("later", { after: [part], run }) : part;
        const joined = task("join", { after: [full, later], triggerRule, run });
        task("end", { after: [joined, full], run });
      };

    test.each([false, true])("needs both of them under all_success (%p)", (between) => {
      expect(problems(join("all_success", between))).toEqual([
        expect.objectContaining({
          taskId: "join",
          message: expect.stringContaining('waits for both "full" and "part" of branch "mode"'),
        }),
      ]);
    });

    test("is none where one way leads to the other", () => {
      const led: Define = ({ task, branch }) => {
        const mode = branch("mode", { cases: ["full", "part"], run: () => "full" });
        const full = task("full", { when: mode.is("full"), run });
        task("part", { when: mode.is("part"), after: [full], run });
      };
      expect(problems(led)).toEqual([]);
    });

    test("is fine under the rule made for it", () => {
      expect(problems(join("none_failed_min_one_success"))).toEqual([]);
    });
  });

  test("a delay above its bound does not matter to a task without retries", () => {
    const delays = { retryDelay: "2h", maxRetryDelay: "1h" } as const;
    expect(problems(({ task }) => void task("a", { ...delays, run }))).toEqual([]);
  });

  test("dates do not matter to a DAG that is started by hand", () => {
    const far = { schedule: null, startDate: "2030-01-01" };
    expect(problems(({ task }) => void task("a", { run }), far)).toEqual([]);
  });

  test("passes on the files that could not be loaded", () => {
    const error = tidemillError("TIDEMILL_DAG_EMPTY", { dagId: "x" });
    const registry = { dags: new Map(), files: new Map(), errors: [{ file: "/x.ts", error }] };
    expect(checkDags(registry)).toEqual([
      { level: "error", file: "/x.ts", message: error.message },
    ]);
  });
});
