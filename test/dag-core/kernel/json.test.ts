import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalJson } from "../../../packages/dag-core/src/kernel/canonical-json.ts";
import { checkOutput, outputError } from "../../../packages/dag-core/src/kernel/json.ts";
import { draw } from "../../helpers/property.ts";

class Money {
  readonly cents = 5;
}
const cycle: Record<string, unknown> = { name: "root" };
cycle.self = { again: cycle };
const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);

describe("checkOutput", () => {
  test.each([
    ["undefined", undefined, "null"],
    ["null", null, "null"],
    ["a text", "ä\n", '"ä\\n"'],
    ["an undefined member", { a: 1, b: undefined }, '{"a":1}'],
    ["an undefined item", [1, undefined], "[1,null]"],
    ["an object without prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["one part twice", ((part) => [part, part])({ a: 1 }), '[{"a":1},{"a":1}]'],
    ["an empty list", [], "[]"],
    ["a surrogate pair", "😀", '"😀"'],
  ])("stores %s", (_name, value, json) => {
    expect(checkOutput(value)).toEqual({ json });
  });

  test.each([
    ["NaN", { a: [1, Number.NaN] }, "$.a[1]", "NaN is not a JSON number"],
    ["Infinity", -Infinity, "$", "-Infinity is not a JSON number"],
    ["a Date", { rows: [{ at: new Date(0) }] }, "$.rows[0].at", "return date.toISOString()"],
    ["a bigint", { n: 1n }, "$.n", "return String(n)"],
    ["a function", { f: () => 1 }, "$.f", "a function cannot be stored"],
    ["a symbol", [Symbol("s")], "$[0]", "a symbol cannot be stored"],
    ["a Map", new Map(), "$", "Object.fromEntries(map)"],
    ["a Set", { s: new Set() }, "$.s", "[...set]"],
    ["bytes", Buffer.from("x"), "$", "an instance of Buffer"],
    ["a class", { "due amount": new Money() }, '$["due amount"]', "an instance of Money"],
    ["a cycle", cycle, "$.self.again", "it contains itself"],
    ["a NUL character", { text: "a\0b" }, "$.text", "NUL"],
    ["a NUL character in a key", { "a\0b": 1 }, '$["a\\u0000b"]', "NUL"],
    ["half a surrogate pair", ["\ud83d"], "$[0]", "surrogate"],
    ["501 levels", nested(501), `$${"[0]".repeat(500)}`, "deeper than 500"],
  ])("refuses %s", (_name, value, path, problem) => {
    expect(checkOutput(value)).toEqual({ path, problem: expect.stringContaining(problem) });
  });

  test("refuses what cannot be read", () => {
    const value = {
      get broken(): never {
        throw new Error("no");
      },
    };
    expect(checkOutput(value)).toEqual({ path: "$", problem: 'reading it threw "Error: no"' });
  });

  test("measures bytes exactly, so that the limit is the limit", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = Buffer.byteLength(JSON.stringify(value));
        expect(checkOutput(value, { limitBytes: bytes })).toEqual({ json: JSON.stringify(value) });
        expect(checkOutput(value, { limitBytes: bytes - 1 })).toMatchObject({ bytes });
      }),
      draw,
    );
  });

  test("names the largest part of what is too large", () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ id: i, name: "x".repeat(10) }));
    const found = checkOutput({ total: 100, page: { rows } }, { limitBytes: 1000 });
    expect(found).toMatchObject({ path: "$.page.rows", limitBytes: 1000 });
    expect("path" in found && outputError("load", found).message).toMatch(
      /^The output of task "load" is \d+ bytes, more than the 1000 allowed \(largest part: \$\.page\.rows\); store it elsewhere/,
    );
  });

  test("does not follow shared parts again and again", () => {
    let value: unknown = "x";
    for (let i = 0; i < 60; i++) value = [value, value];
    expect(checkOutput(value)).toMatchObject({ limitBytes: 262_144 });
  });
});

test("canonical JSON does not depend on the order of keys", () => {
  expect(canonicalJson({ b: [{ y: 1, x: undefined }], a: 2 })).toBe('{"a":2,"b":[{"y":1}]}');
});
