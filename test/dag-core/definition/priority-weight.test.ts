import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  priorityWeights,
  type WeightedTask,
} from "../../../packages/dag-core/src/definition/priority-weight.ts";
import { draw } from "../../helpers/property.ts";

type Rule = WeightedTask["weightRule"];
const diamond = (weightRule: Rule): WeightedTask[] => [
  { upstream: [], ownWeight: 1, weightRule },
  { upstream: [0], ownWeight: 10, weightRule },
  { upstream: [0], ownWeight: 100, weightRule },
  { upstream: [1, 2], ownWeight: 1000, weightRule },
];

/** The definition said plainly: walk the edges, count each task once. */
function walked(tasks: readonly WeightedTask[], from: number): number {
  const task = tasks[from];
  if (task?.weightRule === "absolute") return task.ownWeight;
  const next = (i: number) =>
    task?.weightRule === "upstream"
      ? (tasks[i]?.upstream ?? [])
      : tasks.flatMap((t, j) => (t.upstream.includes(i) ? [j] : []));
  const seen = new Set([from]);
  for (const i of seen) next(i).forEach((j) => seen.add(j));
  return [...seen].reduce((sum, i) => sum + (tasks[i]?.ownWeight ?? 0), 0);
}

describe("priorityWeights", () => {
  test.each<[Rule, number[]]>([
    ["downstream", [1111, 1010, 1100, 1000]],
    ["upstream", [1, 11, 101, 1111]],
    ["absolute", [1, 10, 100, 1000]],
  ])("adds up by rule %s, each task once", (rule, weights) => {
    expect(priorityWeights(diamond(rule))).toEqual(weights);
  });

  test("agrees with a plain walk on any graph, also past one word of bits", () => {
    const graph = fc
      .array(
        fc.record({
          picks: fc.array(fc.nat(), { maxLength: 4 }),
          ownWeight: fc.nat(1000),
          weightRule: fc.constantFrom<Rule>("downstream", "upstream", "absolute"),
        }),
        { minLength: 1, maxLength: 80 },
      )
      .map((rows) =>
        rows.map(({ picks, ...rest }, i) => ({
          ...rest,
          upstream: i === 0 ? [] : [...new Set(picks.map((pick) => pick % i))],
        })),
      );
    fc.assert(
      fc.property(graph, (tasks) => {
        expect(priorityWeights(tasks)).toEqual(tasks.map((_, i) => walked(tasks, i)));
      }),
      draw,
    );
  });

  test("never exceeds what an integer column holds", () => {
    const ownWeight = 2_000_000_000;
    const tasks = diamond("downstream").map((task) => ({ ...task, ownWeight }));
    expect(priorityWeights(tasks)[0]).toBe(2_147_483_647);
  });

  test("weighs a chain of 10,000 tasks", () => {
    const tasks = Array.from({ length: 10_000 }, (_, i): WeightedTask => {
      return { upstream: i === 0 ? [] : [i - 1], ownWeight: 1, weightRule: "downstream" };
    });
    expect(priorityWeights(tasks).slice(0, 2)).toEqual([10_000, 9_999]);
  });
});
