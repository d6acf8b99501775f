/** A value that is not what its column holds; `reasonCode` is what `dq.rejected_rows` says of it. */
export class FieldError extends Error {
  override readonly name = "FieldError";
  readonly reasonCode: string;

  constructor(reasonCode: string) {
    super(reasonCode);
    this.reasonCode = reasonCode;
  }
}

export type Cell = string | number | null;
export type ReadField = (value: unknown, column: string) => Cell;

const isMissing = (value: unknown): value is null | undefined =>
  value === undefined || value === null;

function present(value: unknown, column: string): unknown {
  if (isMissing(value)) throw new FieldError(`${column}_missing`);
  return value;
}

/** Null and what is not there at all; a column that disappears is found by the fields that must be there. */
export const optional =
  (read: ReadField): ReadField =>
  (value, column) =>
    isMissing(value) ? null : read(value, column);

/** An empty text is no member of an enum and no number: it says as much as null. */
export const optionalNotEmpty =
  (read: ReadField): ReadField =>
  (value, column) =>
    isMissing(value) || value === "" ? null : read(value, column);

export const text: ReadField = (value, column) => {
  const found = present(value, column);
  if (typeof found !== "string") throw new FieldError(`${column}_not_text`);
  // PostgreSQL has no text with this character.
  if (found.includes("\0")) throw new FieldError(`${column}_not_text`);
  return found;
};

export const filledText: ReadField = (value, column) => {
  const found = text(value, column);
  if (typeof found === "string" && found.trim() === "") throw new FieldError(`${column}_missing`);
  return found;
};

/** A whole number in a range; text is none, so that "30000,50" is refused and not guessed at. */
export const whole =
  (low: number, high: number): ReadField =>
  (value, column) => {
    const found = present(value, column);
    if (typeof found !== "number" || !Number.isInteger(found)) {
      throw new FieldError(`${column}_not_whole`);
    }
    if (found < low || found > high) throw new FieldError(`${column}_out_of_range`);
    return found;
  };

const dateShape = /^(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?$/;

/** `YYYY-MM-DD`, with a time or without. */
export const day: ReadField = (value, column) => {
  const found = present(value, column);
  const date = typeof found === "string" ? dateShape.exec(found)?.[1] : undefined;
  if (date === undefined || typeof found !== "string") throw new FieldError(`${column}_not_a_date`);
  const at = Date.parse(date);
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(date)) {
    throw new FieldError(`${column}_not_a_date`);
  }
  return found;
};

export const oneOf =
  (known: readonly string[]): ReadField =>
  (value, column) => {
    const found = present(value, column);
    if (typeof found !== "string" || !known.includes(found)) {
      throw new FieldError(`${column}_unknown`);
    }
    return found;
  };

const passportShape = /^\d\d \d\d \d{6}$/;

export const passport: ReadField = (value, column) => {
  const found = present(value, column);
  if (typeof found !== "string" || !passportShape.test(found)) {
    throw new FieldError(`${column}_malformed`);
  }
  return found;
};
