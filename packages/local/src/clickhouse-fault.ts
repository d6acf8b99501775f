/** An error in ClickHouse's own words: code, name and text. */
export class ClickHouseFault extends Error {
  readonly code: number;

  constructor(code: number, name: string, text: string) {
    super(`Code: ${String(code)}. DB::Exception: ${text}. (${name})`);
    this.code = code;
  }
}

const BAD_REQUEST = [6, 25, 26, 27, 36, 38, 41, 53, 62, 72, 117, 321, 376, 456, 457];
const NOT_FOUND = [46, 47, 50, 56, 60, 63, 73, 81, 115];
const STATUS = new Map<number, number>([
  ...BAD_REQUEST.map((code) => [code, 400] as const),
  ...NOT_FOUND.map((code) => [code, 404] as const),
  [48, 501],
  [159, 408],
  [223, 413],
  [516, 403],
]);
const STD_EXCEPTION = 1001;

/** Status, code and body with which ClickHouse's HTTP interface reports `error`. */
export function faultAnswer(
  error: unknown,
  version: string,
): { status: number; code: number; body: string } {
  const text = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)/.exec(text)?.[1];
  const code = found === undefined ? STD_EXCEPTION : Number(found);
  const line =
    found === undefined ? `Code: ${String(code)}. DB::Exception: ${text}. (STD_EXCEPTION)` : text;
  return { status: STATUS.get(code) ?? 500, code, body: `${line} (version ${version})\n` };
}
