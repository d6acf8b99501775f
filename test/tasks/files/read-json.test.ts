import { describe, expect, test } from "@jest/globals";
import { readJson } from "@tidemill/tasks/files";
import fc from "fast-check";

/** The text in chunks of so many bytes, as a stream may cut it. */
async function* chunks(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const all = async (text: string | Uint8Array, size = 7): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const { number, value } of readJson(chunks(text, size), { name: "a.json" })) {
    found.push(value);
    expect(number).toBe(found.length);
  }
  return found;
};

describe("reads what JSON.parse reads, however the bytes are cut", () => {
  test("any array", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(0, 2),
        async (values, size, indent) => {
          const text = JSON.stringify(values, null, indent);
          expect(await all(text, size)).toEqual(JSON.parse(text));
        },
      ),
      { seed: 42, numRuns: 200 },
    );
  });

  test("brackets, commas, quotes and backslashes inside of texts", async () => {
    const values = [{ 'a"]': '},{"[\\' }, "\\", 'a\\\\",', [["]"]]];
    for (let size = 1; size < 12; size += 1) {
      expect(await all(JSON.stringify(values), size)).toEqual(values);
    }
  });

  test("a byte order mark and space around", async () => {
    expect(await all("\uFEFF \r\n[ ]\n")).toEqual([]);
    expect(await all("\uFEFF[1 , 2\t]\n")).toEqual([1, 2]);
  });
});

describe("names the file and what is wrong with it", () => {
  test.each([
    ["", "is empty"],
    [" \n", "is empty"],
    ["{}", "is not an array of records"],
    ["[1,2", "ends in the middle, after 1 records"],
    ['[{"a": "b', "ends in the middle, after 0 records"],
    ["[1,]", "has a record 2 that is not JSON"],
    ["[,1]", "has a record 1 that is not JSON"],
    ["[1}2]", "has a record 1 that is not JSON"],
    ["[1] x", "goes on after the end"],
  ])("%j", async (text, message) => {
    await expect(all(text)).rejects.toThrow(`File "a.json" ${message}`);
  });

  test("another encoding", async () => {
    await expect(all(Buffer.from([91, 34, 0xea, 34, 93]))).rejects.toThrow("is not utf-8");
  });
});
