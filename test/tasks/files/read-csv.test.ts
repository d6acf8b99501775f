import { describe, expect, test } from "@jest/globals";
import { type CsvRow, readCsv, type ReadCsvOptions } from "@tidemill/tasks/files";
import { rejectionText } from "../../helpers/task-systems.ts";

type Options = Omit<ReadCsvOptions, "name">;

/** The bytes in pieces of one, so that nothing depends on where a piece ends. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}
async function read(content: string | Uint8Array, options: Options = {}): Promise<CsvRow[]> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const rows: CsvRow[] = [];
  for await (const row of readCsv(pieces(bytes), { name: "a.csv", ...options })) rows.push(row);
  return rows;
}
const valuesOf = async (content: string | Uint8Array, options?: Options) =>
  (await read(content, options)).map(({ values }) => values);

describe("what is read", () => {
  test("cells by the names of the header, records by number", async () => {
    expect(await read('id,name\n1,"a, ""b""\nc"\n2,\n')).toEqual([
      { number: 1, cells: ["1", 'a, "b"\nc'], values: { id: "1", name: 'a, "b"\nc' } },
      { number: 2, cells: ["2", ""], values: { id: "2", name: "" } },
    ]);
  });

  test.each([
    ["a byte order mark", "\ufeffid,name\n1,ж\n"],
    ["line ends of Windows", "id,name\r\n1,ж\r\n"],
    ["no line end at the end", "id,name\n1,ж"],
    ["empty lines", "id,name\n\n1,ж\n\n"],
  ])("%s changes nothing", async (_, content) => {
    expect(await valuesOf(content)).toEqual([{ id: "1", name: "ж" }]);
  });

  test("another encoding and delimiter, where they are named", async () => {
    const content = Buffer.concat([Buffer.from("id;name\n1;"), Buffer.from([0xcc, 0xee])]);
    expect(await valuesOf(content, { encoding: "windows-1251", delimiter: ";" })).toEqual([
      { id: "1", name: "Мо" },
    ]);
  });

  test("a file without a header, where the columns are named", async () => {
    expect(await valuesOf("milk,1.5\n", { columns: ["name", "price"] })).toEqual([
      { name: "milk", price: "1.5" },
    ]);
  });

  test("a record of another length comes without values", async () => {
    expect(await valuesOf("a,b\n1\n1,2,3\n1,2\n")).toEqual([
      undefined,
      undefined,
      { a: "1", b: "2" },
    ]);
  });

  test("a header alone has no records", async () => {
    expect(await read("a,b\n")).toEqual([]);
  });
});

describe("what is refused", () => {
  test.each<[string, string | Uint8Array, Options, string]>([
    ["an empty file", "", {}, "is empty"],
    ["an empty file without a header", "", { columns: ["a"] }, "is empty"],
    ["a missing column", "a,b\n1,2\n", { required: ["a", "c"] }, 'no column "c"'],
    ["a column twice", "a,a\n1,2\n", {}, 'two columns "a"'],
    ["an end in a record", "a,b\n1,2\n3", {}, "ends in the middle of record 2"],
    ["an end inside quotes", 'a,b\n1,"2\n', {}, "cannot be read as CSV"],
    ["another encoding", Buffer.from([0x61, 0x0a, 0xcc, 0xee, 0x0a]), {}, "is not utf-8"],
    ["an end in a character", Buffer.from([0x61, 0x0a, 0xd0]), {}, "is not utf-8"],
  ])("%s, with the name of the file", async (_, content, options, said) => {
    const text = await rejectionText(read(content, options));
    expect(text).toContain('File "a.csv"');
    expect(text).toContain(said);
  });

  test("an encoding that nobody knows", async () => {
    expect(await rejectionText(read("a\n", { encoding: "utf-99" }))).toContain('"utf-99"');
  });
});

test("a reader that stops early closes its source", async () => {
  let isClosed = false;
  function* endless(): Generator<Buffer> {
    try {
      for (;;) yield Buffer.from("a\n1\n2\n".repeat(1_000));
    } finally {
      isClosed = true;
    }
  }
  for await (const { number } of readCsv(endless(), { name: "a.csv" })) {
    if (number === 3) break;
  }
  expect(isClosed).toBe(true);
});

test("an error of the source is the reader's", async () => {
  function* broken(): Generator<Buffer> {
    yield Buffer.from("a\n1\n");
    throw new Error("the line broke");
  }
  const reading = async () => {
    for await (const row of readCsv(broken(), { name: "a.csv" })) expect(row.number).toBe(1);
  };
  expect(await rejectionText(reading())).toBe("the line broke");
});
