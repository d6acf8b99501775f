import readXlsxFile from "read-excel-file/node";
import { fileError } from "./file-error.ts";

export type XlsxCell = string | null;

const text = (cell: unknown): XlsxCell => {
  if (cell === null || cell === undefined || cell === "") return null;
  if (cell instanceof Date) return cell.toISOString().slice(0, 10);
  return String(cell as string | number | boolean);
};

/** The bytes of a file; for kinds that cannot be read piece by piece. */
export async function wholeFile(
  chunks: AsyncIterable<Buffer>,
  { name, maxBytes = 64 * 1024 * 1024 }: { readonly name: string; readonly maxBytes?: number },
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw fileError(name, `is over ${maxBytes} bytes`, "split it");
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/**
 * The rows of the first sheet of an Excel file as text, dates as `YYYY-MM-DD`, empty cells as null; of merged cells
 * the first one has the value. The file is read as a whole: not for more than some ten thousand rows.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for what is no Excel file, or one cut off.
 * @example const rows = await readXlsx(bytes, { name: "report.xlsx" }); // [["Date", "Clicks"], ["2024-03-04", "17"]]
 */
export async function readXlsx(
  bytes: Buffer,
  { name }: { readonly name: string },
): Promise<XlsxCell[][]> {
  if (bytes.length === 0) throw fileError(name, "is empty", "send the file again");
  try {
    const sheets = (await readXlsxFile(bytes)) as unknown;
    return rowsOf(sheets).map((row) => row.map(text));
  } catch (error) {
    throw fileError(name, "is not a whole Excel file", "send it again as .xlsx", error);
  }
}

/** The reader gives the sheets, each with its rows; earlier versions of it gave the rows of the first. */
function rowsOf(read: unknown): readonly (readonly unknown[])[] {
  const [first] = read as readonly unknown[];
  if (Array.isArray(first) || first === undefined) return read as readonly (readonly unknown[])[];
  return (first as { readonly data: readonly (readonly unknown[])[] }).data;
}
