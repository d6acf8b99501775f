import { isUtf8 } from "node:buffer";
import { tidemillError } from "@tidemill/dag-core";
import type { RowEncoder } from "./copy-chunks.ts";

/** The types of columns that can be copied in the binary format; `text` is for `varchar` too. */
export type BinaryType = "int4" | "int8" | "text" | "bytea";

const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const trailer = Buffer.from([0xff, 0xff]);
const chunkBytes = 64 * 1024;
const lengthBytes = 4;
/** Of a character, and of a byte that is no UTF-8 and becomes U+FFFD. */
const maxTextBytes = 3;
const integerText = /^-?\d+$/;

function roomFor(row: readonly unknown[]): number {
  let room = 2;
  for (const value of row) {
    const isLong = typeof value === "string" || Buffer.isBuffer(value);
    room += lengthBytes + 8 + (isLong ? value.length * maxTextBytes : 0);
  }
  return room;
}

const refused = (value: unknown, type: BinaryType, why = ""): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `A value of type ${typeof value}`,
    problem: `cannot be copied as ${type}${why}`,
    remedy: "give the value as that type, or leave out the types to copy the rows as text",
  });

const tooLarge = (value: number | bigint, type: BinaryType): Error =>
  refused(value, type, `: ${value} is beyond its range`);

function integerOf(value: unknown, type: BinaryType): number | bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value !== "string" || !integerText.test(value)) throw refused(value, type);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

function writeInt4(chunk: Buffer, value: number | bigint, at: number): number {
  const number = Number(value);
  if (number !== (number | 0)) throw tooLarge(value, "int4");
  return chunk.writeInt32BE(number, at);
}

function writeInt8(chunk: Buffer, value: number | bigint, at: number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    const whole = BigInt(value);
    if (whole !== BigInt.asIntN(64, whole)) throw tooLarge(value, "int8");
    return chunk.writeBigInt64BE(whole, at);
  }
  chunk.writeInt32BE(Math.floor(number / 2 ** 32), at);
  return chunk.writeInt32BE(number | 0, at + 4);
}

function writeText(chunk: Buffer, value: unknown, at: number): number {
  if (typeof value === "string") return at + chunk.write(value, at);
  if (!Buffer.isBuffer(value)) throw refused(value, "text");
  return isUtf8(value) ? at + value.copy(chunk, at) : at + chunk.write(value.toString(), at);
}

function writeBytes(chunk: Buffer, value: unknown, at: number): number {
  if (!Buffer.isBuffer(value)) throw refused(value, "bytea");
  return at + value.copy(chunk, at);
}

/** Each writes a value into a chunk that has the room, and tells where it ends. */
const writers: Readonly<Record<BinaryType, (chunk: Buffer, value: unknown, at: number) => number>> =
  {
    int4: (chunk, value, at) => writeInt4(chunk, integerOf(value, "int4"), at),
    int8: (chunk, value, at) => writeInt8(chunk, integerOf(value, "int8"), at),
    text: writeText,
    bytea: writeBytes,
  };

function writeRow(
  chunk: Buffer,
  row: readonly unknown[],
  types: readonly BinaryType[],
  from: number,
): number {
  let at = chunk.writeInt16BE(row.length, from);
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i];
    const start = at + lengthBytes;
    const isNull = value === null || value === undefined;
    const end = isNull ? start : writers[types[i] ?? "text"](chunk, value, start);
    chunk.writeInt32BE(isNull ? -1 : end - start, at);
    at = end;
  }
  return at;
}

/** Rows in COPY's binary format: bytes stay bytes, and neither side looks for what is to be escaped. */
export class BinaryRows implements RowEncoder<Buffer> {
  readonly #types: readonly BinaryType[];
  #chunk = Buffer.allocUnsafeSlow(chunkBytes);
  #end = header.copy(this.#chunk);

  constructor(types: readonly BinaryType[]) {
    this.#types = types;
  }

  add(row: readonly unknown[]): Buffer | undefined {
    const room = roomFor(row);
    const full = this.#end + room > this.#chunk.length ? this.#next(room) : undefined;
    this.#end = writeRow(this.#chunk, row, this.#types, this.#end);
    return full;
  }

  end(): Buffer {
    return Buffer.concat([this.#chunk.subarray(0, this.#end), trailer]);
  }

  /** A chunk of its own each time: what was given away is read later, by the socket. */
  #next(room: number): Buffer {
    const full = this.#chunk.subarray(0, this.#end);
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, room));
    this.#end = 0;
    return full;
  }
}
