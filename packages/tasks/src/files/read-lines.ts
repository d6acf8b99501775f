import { type Bytes, decodeText } from "./decode-text.ts";

export interface ReadLinesOptions {
  /** What the file is called in errors. */
  readonly name: string;
  /** Defaults to `"utf-8"`; a byte order mark is left out. */
  readonly encoding?: string;
}

/**
 * The lines of a text file with their numbers, counted from 1; what follows the last line break is a line only if
 * there is something.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` where the bytes are not text of that encoding.
 * @example for await (const { line, text } of readLines(folder.read("app.log"), { name: "app.log" })) look(text);
 */
export async function* readLines(
  bytes: Bytes,
  { name, encoding = "utf-8" }: ReadLinesOptions,
): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  let rest = "";
  let line = 0;
  for await (const chunk of decodeText(bytes, { encoding, subject: `File "${name}"` })) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      yield { line, text: text.replace(/\r$/, "") };
    }
  }
  if (rest !== "") yield { line: line + 1, text: rest.replace(/\r$/, "") };
}
