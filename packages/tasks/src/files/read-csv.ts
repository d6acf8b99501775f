import { pipeline } from "node:stream/promises";
import { CsvError, type Options, parse } from "csv-parse";
import { type Bytes, decodeText } from "./decode-text.ts";
import { fileError } from "./file-error.ts";

export interface ReadCsvOptions {
  /** What the file is called in errors. */
  readonly name: string;
  /** Names of the columns of a file without a header. Defaults to those of its first line. */
  readonly columns?: readonly string[];
  /** Columns that the header must have. Defaults to none. */
  readonly required?: readonly string[];
  /** Defaults to `","`. */
  readonly delimiter?: string;
  /** Defaults to `"utf-8"`; a byte order mark is left out. */
  readonly encoding?: string;
  /** What stands for an empty cell without quotes, to tell it from `""`. Defaults to an empty text, as for `""`. */
  readonly missing?: string;
}

/** One record of a file. */
export interface CsvRow {
  /** 1 for the first record after the header. */
  readonly number: number;
  /** The cells as they are, without quotes; an empty cell is an empty text. */
  readonly cells: readonly string[];
  /** Cells by column; undefined when there are more or fewer cells than columns. */
  readonly values: Readonly<Record<string, string>> | undefined;
}

/** A record longer than this is a quote that is never closed. */
const longestRecord = 1_048_576;

/** Every header cell once, the required ones among them. */
function checkColumns(columns: readonly string[], { name, required = [] }: ReadCsvOptions): void {
  const missing = required.filter((column) => !columns.includes(column));
  const repeated = columns.find((column, at) => columns.indexOf(column) !== at);
  const found = `its columns are ${columns.join(", ")}`;
  if (missing.length > 0) {
    const problem = `has no column "${missing.join('", "')}"; ${found}`;
    throw fileError(name, problem, "look at what the sender changed");
  }
  if (repeated !== undefined) {
    throw fileError(name, `has two columns "${repeated}"`, "look at what the sender changed");
  }
}

/** Passes text on and remembers whether it ended with a line. */
async function* watched(text: AsyncIterable<string>, end: { isLine: boolean }) {
  for await (const chunk of text) {
    if (chunk !== "") end.isLine = /[\r\n]$/.test(chunk);
    yield chunk;
  }
}

async function* records(bytes: Bytes, options: ReadCsvOptions, end: { isLine: boolean }) {
  const { name, encoding = "utf-8", delimiter = ",", missing } = options;
  const settings: Options = {
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRecord,
    ...(missing !== undefined && {
      cast: (cell: string, { quoting }) => (cell === "" && !quoting ? missing : cell),
    }),
  };
  const parser = parse(settings);
  const text = decodeText(bytes, { encoding, subject: `File "${name}"` });
  const fed = pipeline(watched(text, end), parser);
  // The reader of the parser sees the error; this promise must not be the second to tell of it.
  fed.catch(() => undefined);
  try {
    for await (const record of parser) yield record as string[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const remedy = "it may be cut off, or have another delimiter; fetch it again";
    throw fileError(name, `cannot be read as CSV: ${error.message}`, remedy, error);
  } finally {
    parser.destroy();
    // The source is closed when this returns, also for a reader that stops early.
    await fed.catch(() => undefined);
  }
}

const rowOf = (columns: readonly string[], cells: readonly string[], number: number): CsvRow => {
  if (cells.length !== columns.length) return { number, cells, values: undefined };
  const values: Record<string, string> = {};
  for (let at = 0; at < columns.length; at += 1) values[columns[at] ?? ""] = cells[at] ?? "";
  return { number, cells, values };
};

/**
 * The records of a CSV file, one by one; memory stays flat however long it is.
 *
 * A record with too many or too few cells comes without `values`, for the caller to refuse; the last one of a file
 * that does not end with a line is an error, because such a file is cut off.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for a file that is empty, cut off, in another encoding, or without a
 * required column; it names the file.
 * @example
 * for await (const { number, values } of readCsv(createReadStream(path), { name: path, required: ["id"] })) load(values);
 */
export async function* readCsv(bytes: Bytes, options: ReadCsvOptions): AsyncGenerator<CsvRow> {
  const end = { isLine: true };
  let columns = options.columns;
  let held: CsvRow | undefined;
  let number = 0;
  for await (const cells of records(bytes, options, end)) {
    if (columns === undefined) {
      columns = cells.map((cell) => cell.trim());
      checkColumns(columns, options);
      continue;
    }
    if (held) yield held;
    number += 1;
    held = rowOf(columns, cells, number);
  }
  if (columns === undefined || (options.columns && !held)) {
    throw fileError(options.name, "is empty", "fetch it again, or ask the sender");
  }
  if (!held) return;
  if (held.values === undefined && held.cells.length < columns.length && !end.isLine) {
    throw fileError(options.name, `ends in the middle of record ${number}`, "fetch it again");
  }
  yield held;
}
