import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import {
  admit,
  type Claimable,
  type LimitKey,
  limitsOf,
  Room,
} from "../../../packages/dag-core/src/rules/limits.ts";

const options = { schedule: null, startDate: "2026-01-01" } as const;
const nothing = { run: () => undefined };
const want = (id: string, limits: readonly string[], poolSlots = 1) => ({ id, limits, poolSlots });

const among = <C extends Claimable>(
  candidates: readonly C[],
  open: ReadonlyMap<LimitKey, number>,
  capacity: ReadonlyMap<LimitKey, number> = new Map(),
) => admit(candidates, [new Room({ open, capacity })]);

describe("admit", () => {
  test("takes in order until a limit is full, and names what was full", () => {
    const candidates = [want("a", ["pool:p"], 2), want("b", ["pool:p"]), want("c", ["pool:p"])];
    const { admitted, full } = among(candidates, new Map([["pool:p", 2]]));
    expect(admitted.map((one) => one.id)).toEqual(["a"]);
    expect([...full]).toEqual(["pool:p"]);
  });

  test("counts pool slots of pools and one of anything else", () => {
    const open = new Map([
      ["pool:p", 4],
      ["dag_tasks:d", 2],
    ]);
    const three = ["a", "b", "c"].map((id) => want(id, ["pool:p", "dag_tasks:d"], 2));
    expect(among(three, open).admitted.map((one) => one.id)).toEqual(["a", "b"]);
  });

  test("what is held back by one limit takes nothing of the others", () => {
    const open = new Map([
      ["pool:p", 1],
      ["key:k", 0],
    ]);
    const { admitted, full } = among([want("a", ["pool:p", "key:k"]), want("b", ["pool:p"])], open);
    expect(admitted.map((one) => one.id)).toEqual(["b"]);
    expect([...full]).toEqual(["key:k"]);
  });

  test("leaves what is free of a pool to the first that wants more of it", () => {
    const waiting = [want("a", ["pool:p"], 3), want("b", ["pool:p"]), want("c", ["pool:q"])];
    const open = new Map([
      ["pool:p", 2],
      ["pool:q", 1],
    ]);
    const all = new Map([["pool:p", 4]]);
    expect(among(waiting, open, all).admitted.map((one) => one.id)).toEqual(["c"]);
    const enough = new Map([...open, ["pool:p", 3]]);
    expect(among(waiting, enough, all).admitted.map((one) => one.id)).toEqual(["a", "c"]);
  });

  test("leaves nothing to one that another limit holds back too, or that wants more than there is", () => {
    const open = new Map([
      ["pool:p", 1],
      ["key:k", 0],
    ]);
    const behind = want("b", ["pool:p"]);
    const keyed = [want("a", ["pool:p", "key:k"], 2), behind];
    expect(among(keyed, open).admitted).toEqual([behind]);
    const tooMuch = [want("a", ["pool:p"], 3), behind];
    expect(among(tooMuch, open, new Map([["pool:p", 2]])).admitted).toEqual([behind]);
  });

  test.each([0, -3])("%i free slots let nothing start", (slots) => {
    expect(among([want("a", ["pool:p"])], new Map([["pool:p", slots]])).admitted).toEqual([]);
  });

  test("a key without a count is no limit", () => {
    expect(among([want("a", ["pool:p"])], new Map()).admitted).toHaveLength(1);
  });
});

test("a task counts against its pool, its DAG, itself and its key", () => {
  const { manifest } = dag("d", { ...options, maxActiveTasksPerDag: 3 }, ({ task }) => {
    task("plain", nothing);
    task("all", {
      pool: "p",
      maxActivePerDag: 2,
      concurrencyKey: { key: "k", limit: 1 },
      ...nothing,
    });
  });
  const keys = manifest.tasks.map((task) => limitsOf(manifest, task));
  expect(keys).toEqual([["dag_tasks:d"], ["pool:p", "dag_tasks:d", "task:d/all", "key:k"]]);
});
