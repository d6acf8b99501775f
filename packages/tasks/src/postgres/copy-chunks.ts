import type { CopyRows } from "./hook.ts";

/** Writes rows in one of COPY's formats. */
export interface RowEncoder<Chunk> {
  /** @returns a chunk, once one is full. */
  add(row: readonly unknown[]): Chunk | undefined;
  /** What is left, and what ends the format. */
  end(): Chunk;
}

/** Rows as chunks of what an encoder writes. */
export async function* copyChunks<Chunk>(
  rows: CopyRows,
  encoder: RowEncoder<Chunk>,
): AsyncGenerator<Chunk> {
  // A plain loop where it can be one: awaiting each row of an array costs half of the throughput.
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) {
      const full = encoder.add(row);
      if (full !== undefined) yield full;
    }
  } else {
    for (const row of rows) {
      const full = encoder.add(row);
      if (full !== undefined) yield full;
    }
  }
  yield encoder.end();
}
