import { expect, test } from "@jest/globals";
import { instantiationsPerTask } from "../../../bench/type-budget.ts";

test("a task costs the compiler at most 200 instantiations", async () => {
  const perTask = await instantiationsPerTask();
  expect(perTask).toBeGreaterThan(20);
  expect(perTask).toBeLessThanOrEqual(200);
});
