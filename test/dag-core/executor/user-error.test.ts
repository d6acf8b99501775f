import { describe, expect, test } from "@jest/globals";
import { describeError } from "../../../packages/dag-core/src/executor/user-error.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";

const redactor = createRedactor(["s3cret-word"]);
const described = (thrown: unknown) => describeError(thrown, redactor);

class LoadError extends Error {}

describe("whatever is thrown can be told", () => {
  test.each([
    ["a text", "plain", { class: "string", message: "plain" }],
    ["nothing", undefined, { class: "undefined", message: "undefined" }],
    ["null", null, { class: "null", message: "null" }],
    ["an object", { code: 7 }, { class: "object", message: "{ code: 7 }" }],
    ["a class without a name of its own", new LoadError("x"), { class: "LoadError", message: "x" }],
    ["no message", Object.assign(new Error(""), { code: "E1" }), { class: "Error", message: "E1" }],
    [
      "causes",
      new Error("a", { cause: new TypeError("b", { cause: "c" }) }),
      { class: "Error", message: "a\ncaused by TypeError: b\ncaused by string: c" },
    ],
    [
      "several at once",
      new AggregateError([new Error("one"), new Error("two")], "both"),
      { class: "AggregateError", message: "both\ncaused by Error: one\ncaused by Error: two" },
    ],
  ])("%s", (_name, thrown, expected) => {
    expect(described(thrown)).toMatchObject(expected);
  });

  test("an error that throws when it is read", () => {
    const thrown = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
      },
    );
    expect(described(thrown)).toEqual({
      class: "(unreadable)",
      message: "(unreadable)",
      stack: "(unreadable)",
    });
  });

  test("a cause that is itself", () => {
    const thrown = new Error("round");
    thrown.cause = thrown;
    expect(described(thrown).message.split("\n")).toHaveLength(6);
  });
});

test("secrets are hidden in message and stack", () => {
  const thrown = new Error("password s3cret-word refused");
  thrown.stack = "Error\n    at s3cret-word (/home/user/dag.ts:1:1)";
  expect(JSON.stringify(described(thrown))).not.toContain("s3cret-word");
});

test("sizes are bounded", () => {
  const { message } = described(new Error("x".repeat(100_000)));
  expect(message.length).toBeLessThan(8 * 1024 + 3);
});
