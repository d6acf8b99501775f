import {
  chooseEncoding,
  decimalText,
  fileError,
  type FileFolder,
  readCsv,
  readLines,
  readXlsx,
  wholeFile,
} from "@tidemill/tasks/files";
import { fileTables } from "./tables.ts";

/** A row as its stage table has it, without the batch. */
export type FileRow = readonly (string | null)[];

/** Files of partners come in the encoding of their office. */
const encodings = ["utf-8", "windows-1251"] as const;

/** Cells that a row lacks are null; the checks find what is missing. */
export async function* salesRows(inbox: FileFolder, name: string): AsyncGenerator<FileRow> {
  const columns = fileTables.sales_csv;
  const { encoding, bytes } = await chooseEncoding(inbox.read(name), encodings);
  for await (const { number, cells, values } of readCsv(bytes, {
    name,
    encoding,
    required: columns,
  })) {
    const read = columns.map((column, at) => {
      const value = (values ? values[column] : cells[at]) ?? "";
      return column === "amount" ? decimalText(value || null) : value || null;
    });
    // A row of another length cannot be told apart into columns: without its key it is taken out as a whole.
    yield [...(values ? read : [null, ...read.slice(1)]), name, String(number)];
  }
}

const logLine = /^(\S+) +(\S+) +\[([^\]]*)\] +(.*)$/;

/** A line that is not of the log's form has no time, and is taken out by the checks. */
export async function* logRows(inbox: FileFolder, name: string): AsyncGenerator<FileRow> {
  let isEmpty = true;
  const { encoding, bytes } = await chooseEncoding(inbox.read(name), encodings);
  for await (const { line, text } of readLines(bytes, { name, encoding })) {
    isEmpty = false;
    const [, time = null, level = null, service = null, message = text] = logLine.exec(text) ?? [];
    yield [time, level, service, message, name, String(line)];
  }
  if (isEmpty) throw fileError(name, "is empty", "send the file again");
}

const plain = (cell: string | null): string => (cell ?? "").trim().toLowerCase();
/** Excel's day number as a day, for cells that were typed as text. */
const dayOf = (cell: string | null): string | null => {
  if (cell === null || !/^\d{5}$/.test(cell)) return cell;
  return new Date((Number(cell) - 25_569) * 86_400_000).toISOString().slice(0, 10);
};

/** The row of the report that names the columns: above it are a merged title and empty rows. */
function headerOf(name: string, rows: readonly (readonly (string | null)[])[]) {
  const wanted = fileTables.ad_report;
  const at = rows.findIndex((row) => row.some((cell) => plain(cell) === "spend_date"));
  const header = rows[at]?.map(plain) ?? [];
  const missing = wanted.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    const problem = `has no column "${missing.join('", "')}"`;
    throw fileError(name, problem, "correct its header, or ask for the old layout");
  }
  return { at, positions: wanted.map((column) => header.indexOf(column)) };
}

export async function* adReportRows(inbox: FileFolder, name: string): AsyncGenerator<FileRow> {
  const rows = await readXlsx(await wholeFile(inbox.read(name), { name }), { name });
  const { at, positions } = headerOf(name, rows);
  for (const [index, row] of rows.entries()) {
    if (index <= at || row.every((cell) => cell === null)) continue;
    const [date = null, channel = null, campaign = null, ...rest] = positions.map(
      (position) => row[position] ?? null,
    );
    const currency = rest.pop() ?? null;
    yield [
      dayOf(date),
      channel,
      campaign,
      ...rest.map(decimalText),
      currency,
      name,
      String(index + 1),
    ];
  }
}
