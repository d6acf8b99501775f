import { describe, expect, test } from "@jest/globals";
import { AttemptLog, type TaskLogLine } from "../../../packages/dag-core/src/context/task-log.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";

function setup() {
  const batches: (readonly TaskLogLine[])[] = [];
  const first = Promise.withResolvers<void>();
  const log = new AttemptLog(
    (lines) => {
      batches.push(lines);
      first.resolve();
    },
    createRedactor(["s3cret-word"]),
  );
  const messages = () => batches.flat().map(({ message }) => message);
  return { log, batches, messages, first: first.promise };
}

describe("batches", () => {
  test("a line comes on its own after a while", async () => {
    const { log, batches, first } = setup();
    log.info("alone");
    expect(batches).toEqual([]);
    await first;
    expect(batches).toMatchObject([[{ level: "info", message: "alone" }]]);
  });

  test("a hundred lines come at once", () => {
    const { log, batches } = setup();
    for (let i = 0; i < 250; i += 1) log.debug(`${i}`);
    expect(batches.map((lines) => lines.length)).toEqual([100, 100]);
    log.close();
    expect(batches.map((lines) => lines.length)).toEqual([100, 100, 50]);
  });

  test("long lines come earlier", () => {
    const { log, batches } = setup();
    for (let i = 0; i < 8; i += 1) log.info("x".repeat(10_000));
    expect(batches.map((lines) => lines.length)).toEqual([7]);
    log.close();
  });
});

describe("lines", () => {
  test("hide secrets in messages, keys and values", () => {
    const { log, batches } = setup();
    log.warn("with s3cret-word", { url: "http://u:s3cret-word@h", deep: [{ "s3cret-word": 1 }] });
    log.close();
    expect(JSON.stringify(batches)).not.toContain("s3cret-word");
    expect(batches[0]?.[0]).toMatchObject({
      message: "with ***",
      fields: { deep: [{ "***": 1 }] },
    });
  });

  test.each([
    ["an error", new Error("boom"), { error: "Error: boom" }],
    ["a bigint", { n: 10n }, { n: "10" }],
    ["a list", [1, 2], { values: [1, 2] }],
    ["NUL", { a: "x\0y" }, { a: "x\ufffdy" }],
    ["too much", { a: "x".repeat(20_000).split("") }, { omitted: "80007 characters of fields" }],
  ])("store %s as fields", (_name, fields, stored) => {
    const { log, batches } = setup();
    log.info("m", fields);
    log.close();
    expect(batches[0]?.[0]?.fields).toEqual(stored);
  });

  test("a cycle does not break the task", () => {
    const { log, batches } = setup();
    const cycle: { self?: object } = {};
    cycle.self = cycle;
    log.info("m", cycle);
    log.close();
    expect(batches[0]?.[0]?.fields).toMatchObject({
      unreadable: expect.stringContaining("circular"),
    });
  });

  test("are cut when they are very long", () => {
    const { log, messages } = setup();
    log.info("x".repeat(100_000));
    log.close();
    expect(messages()[0]).toHaveLength(16 * 1024 + " … (83616 characters more)".length);
  });

  test("hide a secret that the cut goes through", () => {
    const { log, messages } = setup();
    log.info(`${"x".repeat(16 * 1024 - 6)}s3cret-word and more`);
    log.close();
    expect(messages().join()).not.toContain("s3cret");
  });

  test("stop at the limit of an attempt, which is said once", () => {
    const { log, messages } = setup();
    for (let i = 0; i < 2_000; i += 1) log.info("x".repeat(10_000));
    log.close();
    expect(messages().length).toBeLessThan(1_700);
    expect(messages().filter((message) => message.includes("left out"))).toHaveLength(1);
  });

  test("after the end are dropped", () => {
    const { log, batches } = setup();
    log.close();
    log.info("late");
    log.close();
    expect(batches).toEqual([]);
  });
});

test("what is printed in pieces becomes whole lines", () => {
  const { log, batches } = setup();
  log.print("stdout", "a");
  log.print("stderr", "warning\r\n");
  log.print("stdout", "b\nc\n\nd");
  log.close();
  expect(batches.flat().map(({ level, message }) => `${level} ${message}`)).toEqual([
    "warn warning",
    "info ab",
    "info c",
    "info ",
    "info d",
  ]);
});

test("what is printed without a line break comes in parts, with every secret hidden", () => {
  const { log, batches } = setup();
  const written = `${"x".repeat(16 * 1024 - 6)}s3cret-word${"y".repeat(40_000)}s3cret-`;
  log.print("stdout", written);
  log.print("stdout", "word|");
  log.close();
  const text = batches
    .flat()
    .map(({ message }) => message)
    .join("");
  expect(text).toBe(`${"x".repeat(16 * 1024 - 6)}***${"y".repeat(40_000)}***|`);
});
