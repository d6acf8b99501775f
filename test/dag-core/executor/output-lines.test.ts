import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { expect, test } from "@jest/globals";
import { mostMasked } from "../../../packages/dag-core/src/context/task-log.ts";
import { readLines } from "../../../packages/dag-core/src/executor/output-lines.ts";

async function linesOf(chunks: readonly (string | Buffer)[]) {
  const stream = new PassThrough();
  const lines: (readonly [start: string, length: number])[] = [];
  readLines(stream, (start, length) => void lines.push([start, length]));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  return lines;
}

test("lines are whole however they arrive, and the last needs no break", async () => {
  const [head, tail] = [Buffer.from("ü").subarray(0, 1), Buffer.from("ü").subarray(1)];
  expect(await linesOf(["a", "b\nc\n\nd", head, tail, "e"])).toEqual([
    ["ab", 2],
    ["c", 1],
    ["", 0],
    ["düe", 3],
  ]);
});

test("of a line without a break no more is kept than its start, and what follows it is whole", async () => {
  const chunk = "x".repeat(65_536);
  expect(await linesOf([...Array<string>(100).fill(chunk), "\nafter\n"])).toEqual([
    ["x".repeat(mostMasked), 6_553_600],
    ["after", 5],
  ]);
});
