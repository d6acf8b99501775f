import { describe, expect, test } from "@jest/globals";
import { LowWater } from "../../../packages/dag-core/src/scheduler/low-water.ts";
import { spanOf } from "../../../packages/dag-core/src/scheduler/queue-heads.ts";

/** A queue of numbers, of which a look from the head takes as long as it is told. */
function setup(costMs: number, markedMs = 0) {
  const clock = { now: 0 };
  const heads = new LowWater<number>({ longestMs: 5_000, now: () => clock.now });
  const begun: (number | undefined)[] = [];
  const look = async (rows: readonly number[]) => {
    const [found] = await heads.look(
      ["q"],
      async ([from]) => {
        begun.push(from);
        clock.now += from === undefined ? costMs : markedMs;
        return [rows.filter((row) => row >= (from ?? -Infinity))];
      },
      (queue, known) => queue[0] ?? known,
    );
    return found;
  };
  return { clock, look, begun };
}

describe("a look into a queue", () => {
  test("begins at the head each time while that is cheap", async () => {
    const { look, begun } = setup(1);
    for (let n = 0; n < 3; n++) expect(await look([7, 8])).toEqual([7, 8]);
    expect(begun).toEqual([undefined, undefined, undefined]);
  });

  test("is begun at what was the lowest after two that took long, and moves on with it", async () => {
    const { look, begun } = setup(20);
    for (const rows of [[7], [7, 8], [8, 9], [9]]) await look(rows);
    expect(begun).toEqual([undefined, undefined, 7, 8]);
  });

  test("is begun at the head again where the mark saves nothing", async () => {
    const { look, begun } = setup(20, 15);
    for (let n = 0; n < 4; n++) await look([7, 8]);
    expect(begun).toEqual([undefined, undefined, 7, undefined]);
  });

  test.each([
    [20, 1_000],
    [90, 4_500],
    [400, 5_000],
  ])("of %d ms: what came below the mark waits no longer than %d ms", async (costMs, waitsMs) => {
    const { clock, look } = setup(costMs);
    await look([7]);
    await look([7]);
    clock.now = costMs + waitsMs - 1;
    expect(await look([3, 7])).toEqual([7]);
    clock.now = costMs + waitsMs;
    expect(await look([3, 7])).toEqual([3, 7]);
    expect(await look([3, 7])).toEqual([3, 7]);
  });
});

test("of an empty queue the highest key known is the mark, or none", () => {
  expect(spanOf([], undefined)).toBeUndefined();
  expect(spanOf([3, 5], undefined)).toEqual({ first: 3, last: 5 });
  expect(spanOf([], { first: 3, last: 5 })).toEqual({ first: 5, last: 5 });
});
