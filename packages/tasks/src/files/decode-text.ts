import { TextDecoder } from "node:util";
import { tidemillError } from "@tidemill/dag-core";

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** `latin1`, `windows-1251` and the like, as the platform names them. */
function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    const problem = `is not an encoding that is known here`;
    const remedy = `use one of the Encoding Standard, for example "utf-8" or "windows-1251"`;
    const subject = `Encoding "${encoding}"`;
    throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy }, { cause });
  }
}

/**
 * Bytes as text, without a byte order mark at the start.
 *
 * @param subject Names the bytes in the error: `File "orders.csv"`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` where the bytes are not text of that encoding.
 */
export async function* decodeText(
  bytes: Bytes,
  { encoding, subject }: { readonly encoding: string; readonly subject: string },
): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  let read = 0;
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      const problem = `is not ${encoding} after byte ${read}`;
      const remedy = "save it in that encoding, or name the one that it has";
      throw tidemillError("TIDEMILL_INPUT_INVALID", { subject, problem, remedy }, { cause });
    }
  };
  for await (const chunk of bytes) {
    yield decoded(chunk);
    read += chunk.byteLength;
  }
  yield decoded();
}
