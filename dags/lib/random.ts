import { createHash } from "node:crypto";

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Repeatable chance: equal seeds give equal draws, on every machine (the generator sfc32). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** @param seed Any text; its parts are best joined by `/`. */
  constructor(seed: string) {
    const digest = createHash("sha256").update(seed).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    this.#counter = digest.readInt32LE(12);
  }

  #bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.#bits() / 4_294_967_296;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    const found = list[Math.floor(this.fraction() * list.length)];
    if (found === undefined) throw new RangeError("a list to pick from is empty");
    return found;
  }

  /** One of the names, each as likely as its weight is large. */
  weighted<Name extends string>(weights: readonly (readonly [Name, number])[]): Name {
    let left = this.fraction() * weights.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new RangeError("a list to pick from is empty");
  }

  /** A version 4 UUID. */
  uuid(): string {
    let text = "";
    for (let word = 0; word < 4; word += 1) {
      const bits = this.#bits();
      for (let shift = 0; shift < 32; shift += 8) text += hex[(bits >>> shift) & 255] ?? "";
    }
    const variant = "89ab"[Number.parseInt(text[16] ?? "0", 16) & 3] ?? "8";
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
  }
}
