import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import {
  chooseEncoding,
  decimalText,
  folder,
  readDocx,
  readLines,
  readXlsx,
  wholeFile,
} from "@tidemill/tasks/files";
import { Calendar } from "../../../dags/payments_app/lib/generator/calendar.ts";
import { adReport, document } from "../../../dags/payments_app/lib/generator/office-files.ts";
import { scales } from "../../../dags/payments_app/lib/generator/scales.ts";

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield await Promise.resolve(Buffer.from(part as string));
}

describe("Excel", () => {
  const calendar = new Calendar("2024-06-29", 120);
  const report = Buffer.from(adReport({ seed: 42, scale: scales.demo, calendar, day: 9 }));

  test("gives rows of text: a merged title, a header, numbers and numbers typed as text", async () => {
    const [title, header, first] = await readXlsx(report, { name: "report.xlsx" });
    expect(title?.[0]).toBe("Advertising, week to 2024-03-10");
    expect(header?.slice(0, 3)).toEqual(["spend_date", "channel", "campaign"]);
    expect(first?.[0]).toBe("2024-03-04");
    expect(first).toHaveLength(8);
  });

  test.each([
    ["an empty file", Buffer.alloc(0), "is empty"],
    ["one cut off", report.subarray(0, 400), "is not a whole Excel file"],
    ["another kind", Buffer.from("a,b\n1,2\n"), "is not a whole Excel file"],
  ])("%s is an error that names it", async (_, bytes, problem) => {
    await expect(readXlsx(bytes, { name: "report.xlsx" })).rejects.toThrow(
      `File "report.xlsx" ${problem}`,
    );
  });
});

describe("Word", () => {
  test("gives the text, a paragraph a line", async () => {
    const text = await readDocx(Buffer.from(document(7, "2024-03-10")), { name: "c.docx" });
    expect(text.split("\n").slice(0, 2)).toEqual(["Contract No. 7", "Signed on 2024-03-10"]);
  });

  test("what is no document is an error that names it", async () => {
    await expect(readDocx(Buffer.from("text"), { name: "c.docx" })).rejects.toThrow(
      'File "c.docx" is not a whole Word document',
    );
  });
});

describe("text", () => {
  test("lines are counted whatever ends them, wherever the chunks are cut", async () => {
    const lines = await collect(
      readLines(chunks("\uFEFFone\r\ntw", "o\n\nthree"), { name: "a.txt" }),
    );
    expect(lines).toEqual([
      { line: 1, text: "one" },
      { line: 2, text: "two" },
      { line: 3, text: "" },
      { line: 4, text: "three" },
    ]);
  });

  test("an old encoding is told from utf-8 by its bytes", async () => {
    const old = Buffer.from([0xe7, 0xe0, 0xec, 0x0a]);
    const { encoding, bytes } = await chooseEncoding(chunks(old), ["utf-8", "windows-1251"]);
    expect(encoding).toBe("windows-1251");
    const lines = await collect(readLines(bytes, { name: "a.txt", encoding }));
    expect(lines).toEqual([{ line: 1, text: "зам" }]);
    expect((await chooseEncoding(chunks("зам"), ["utf-8", "windows-1251"])).encoding).toBe("utf-8");
  });

  test("bytes that are not of the encoding are an error that names the file", async () => {
    const lines = readLines(chunks(Buffer.from([0xe7, 0xe0])), { name: "a.txt" });
    await expect(collect(lines)).rejects.toThrow('File "a.txt" is not utf-8');
  });

  test.each([
    ["1 234,56", "1234.56"],
    ["1\u00a0234,56", "1234.56"],
    ["1.234.567,80", "1234567.80"],
    ["-7,5", "-7.5"],
    ["12.30", "12.30"],
    ["n/a", "n/a"],
    [null, null],
  ])("a decimal comma: %s", (given, wanted) => {
    expect(decimalText(given)).toBe(wanted);
  });
});

describe("a folder of this machine", () => {
  test("lists and reads files, and refuses paths and what is too large", async () => {
    const path = await mkdtemp(join(tmpdir(), "tidemill-folder-"));
    await writeFile(join(path, "b.txt"), "bytes");
    const inbox = folder("inbox");
    await using ctx = testContext({ connections: { inbox: pathToFileURL(path).href } });
    const opened = await ctx.open(inbox);
    expect(await opened.list()).toEqual([{ name: "b.txt", size: 5 }]);
    expect((await wholeFile(opened.read("b.txt"), { name: "b.txt" })).toString()).toBe("bytes");
    await expect(wholeFile(opened.read("b.txt"), { name: "b.txt", maxBytes: 3 })).rejects.toThrow(
      'File "b.txt" is over 3 bytes',
    );
    await expect(wholeFile(opened.read("../b.txt"), { name: "b" })).rejects.toThrow("is a path");
    await rm(path, { recursive: true });
    await expect(opened.list()).rejects.toThrow("is not there");
  });
});
