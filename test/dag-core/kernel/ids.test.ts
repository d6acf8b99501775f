import { expect, test } from "@jest/globals";
import { checkIdOrThrow, isId } from "../../../packages/dag-core/src/kernel/ids.ts";

test.each(["a", "A-b_c.d~e:f+1", "0".repeat(200), "scheduled__2026-01-01T00:00:00.000Z"])(
  "%s is an id",
  (id) => expect(isId(id)).toBe(true),
);

test.each(["", "a b", "a..b", "..", "a/b", "ä", "0".repeat(201), "a\n", 5, undefined])(
  "%p is not an id",
  (id) => expect(isId(id)).toBe(false),
);

test("names what the id was meant for", () => {
  expect(() => checkIdOrThrow("Task", "a/b")).toThrow(/^Task id "a\/b" has a character/);
});
