import { TextDecoder } from "node:util";

const probeBytes = 64 * 1024;

/** Whether bytes can be text of an encoding; a character cut by their end is unfinished, not wrong. */
function canBe(head: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Tells which of several encodings the first 64 KiB of a file can be, the earlier one where more can.
 *
 * @param candidates The last one is taken when none fits.
 * @returns The encoding, and the bytes from their start.
 * @example const { encoding, bytes } = await chooseEncoding(folder.read(name), ["utf-8", "windows-1251"]);
 */
export async function chooseEncoding(
  source: AsyncIterable<Buffer>,
  candidates: readonly [string, ...string[]],
): Promise<{ readonly encoding: string; readonly bytes: AsyncIterable<Buffer> }> {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let length = 0;
  while (length < probeBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    seen.push(next.value);
    length += next.value.length;
  }
  const head = Buffer.concat(seen);
  async function* bytes(): AsyncGenerator<Buffer> {
    try {
      yield* seen;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  const encoding = candidates.find((candidate) => canBe(head, candidate)) ?? candidates.at(-1);
  return { encoding: encoding ?? candidates[0], bytes: bytes() };
}
