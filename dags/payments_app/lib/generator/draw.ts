import { Random } from "../../../lib/random.ts";

/** Whole cents as decimal text. */
export function money(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** A share in hundredths of a percent of an amount in cents, rounded to whole cents. */
export const share = (cents: number, basisPoints: number): number =>
  Math.round((cents * basisPoints) / 10_000);

export const randomOf = (seed: number, ...parts: readonly (string | number)[]): Random =>
  new Random([seed, ...parts].join("/"));

/** A number that looks random and depends on one number alone; cheap enough for each row. */
export function scatter(value: number, modulus: number): number {
  let mixed = Math.imul(value ^ 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % modulus;
}
