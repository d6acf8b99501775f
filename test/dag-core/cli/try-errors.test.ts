import { expect, test } from "@jest/globals";
import { TryErrors } from "../../../packages/dag-core/src/cli/try-errors.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const line = (taskId: string, tryNumber: number, second: number) => ({
  taskLogId: "1",
  taskId,
  mapIndex: -1,
  tryNumber,
  at: at(second),
  level: "info" as const,
  message: "m",
  fields: null,
});
const failed = (taskId: string, tryNumber: number, second: number) => ({
  taskId,
  mapIndex: -1,
  tryNumber,
  handOff: 0,
  endedAt: at(second),
  state: "failed",
  reason: "error",
  class: "TypeError",
  message: `try ${tryNumber}`,
  stack: null,
});
const messages = (lines: readonly { readonly message: string }[]) =>
  lines.map((one) => one.message);

test("an error comes after the lines of its try and before those of the next", () => {
  const errors = new TryErrors();
  errors.take([failed("a", 1, 5), failed("a", 2, 9)]);
  expect(errors.before(line("a", 1, 6))).toEqual([]);
  expect(messages(errors.before(line("a", 2, 7)))).toEqual(["TypeError: try 1"]);
  expect(messages(errors.rest(true))).toEqual(["TypeError: try 2"]);
});

test("a log that is followed tells an error once, a look later than it was seen", () => {
  const errors = new TryErrors();
  errors.take([failed("a", 1, 5)]);
  expect(errors.rest(false)).toEqual([]);
  errors.take([failed("a", 1, 5), failed("a", 2, 9)]);
  expect(messages(errors.rest(false))).toEqual(["TypeError: try 1"]);
  errors.take([failed("a", 1, 5), failed("a", 2, 9)]);
  expect(messages(errors.rest(false))).toEqual(["TypeError: try 2"]);
});
