import type { Readable } from "node:stream";
import { mostMasked } from "../context/task-log.ts";

/**
 * Reads a stream by lines without their breaks. A line that no break ends takes no more memory than its start.
 *
 * @param onLine Takes the first characters of a line, as many as masking looks at, and how many the whole line has.
 */
export function readLines(stream: Readable, onLine: (start: string, length: number) => void): void {
  let start = "";
  let length = 0;
  const take = (text: string) => {
    start += text.slice(0, mostMasked - start.length);
    length += text.length;
  };
  const end = () => {
    onLine(start.replace(/\r$/, ""), length);
    start = "";
    length = 0;
  };
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const [first = "", ...others] = chunk.split("\n");
    take(first);
    for (const text of others) {
      end();
      take(text);
    }
  });
  stream.on("end", () => {
    if (length > 0) end();
  });
}
