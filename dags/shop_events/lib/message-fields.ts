/** Thrown by a reader for a value that its column cannot hold. */
export class FieldError extends Error {
  readonly reasonCode: string;

  constructor(reasonCode: string) {
    super(reasonCode);
    this.reasonCode = reasonCode;
  }
}

export type Cell = string | number | null | Readonly<Record<string, string>>;
/** Turns the value of a message into the value of a column, or throws {@link FieldError}. */
export type FieldReader = (value: unknown, name: string) => Cell;

const maxInt = 2_147_483_647;
const integerText = /^-?\d{1,10}$/;
const decimalText = /^-?\d{1,15}(\.\d+)?$/;
const timestampText =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?)?$/;
const sources = new Set(["live", "cache", "synthetic"]);

const invalid = (name: string): FieldError => new FieldError(`${name}_invalid`);

const scalar = (value: unknown, name: string): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw invalid(name);
};

/** Postgres stores neither a NUL nor half of a surrogate pair. */
export const text: FieldReader = (value, name) => {
  const found = scalar(value, name);
  if (found === null) return null;
  if (found.includes("\0")) throw invalid(name);
  return found.toWellFormed();
};

export const integer: FieldReader = (value, name) => {
  const found = scalar(value, name);
  if (found === null) return null;
  if (!integerText.test(found) || Math.abs(Number(found)) > maxInt) throw invalid(name);
  return Number(found);
};

/** Kept as text: money never becomes a float. */
export const decimal: FieldReader = (value, name) => {
  const found = scalar(value, name);
  if (found === null) return null;
  if (!decimalText.test(found)) throw invalid(name);
  return found;
};

export const temperature: FieldReader = (value, name) => {
  const found = decimal(value, name);
  if (found !== null && Math.abs(Number(found)) > 200) throw invalid(name);
  return found;
};

export const real: FieldReader = (value, name) => {
  if (value === null || value === undefined) return null;
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof found !== "number" || !Number.isFinite(found)) throw invalid(name);
  return found;
};

/** Years that a shop can mean; Postgres has no year 0, and some clocks say 1. */
const yearExists = (year: number): boolean => year >= 1900 && year < 2200;

const dayExists = (year: number, month: number, day: number): boolean =>
  yearExists(year) &&
  month >= 1 &&
  month <= 12 &&
  day >= 1 &&
  day <= new Date(Date.UTC(year, month, 0)).getUTCDate();

const clockExists = (hour: number, minute: number, second: number): boolean =>
  hour < 24 && minute < 60 && second < 60;

/** A time without zone is UTC; one with an offset is turned into UTC. */
export const timestamp: FieldReader = (value, name) => {
  const found = scalar(value, name);
  if (found === null) return null;
  const match = timestampText.exec(found);
  if (!match) throw invalid(name);
  const [, year, month, day, hour = "0", minute = "0", second = "0", zone] = match;
  if (!dayExists(Number(year), Number(month), Number(day))) throw invalid(name);
  if (!clockExists(Number(hour), Number(minute), Number(second))) throw invalid(name);
  if (zone === undefined) return found;
  if (zone === "Z") return found.slice(0, -1);
  const moved = new Date(found.replace(" ", "T"));
  if (Number.isNaN(moved.getTime())) throw invalid(name);
  return moved.toISOString().slice(0, -1);
};

export const date: FieldReader = (value, name) => {
  const found = timestamp(value, name);
  return typeof found === "string" ? found.slice(0, 10) : found;
};

export const oneOf =
  (allowed: readonly string[]): FieldReader =>
  (value, name) => {
    const found = text(value, name);
    if (typeof found === "string" && !allowed.includes(found)) throw invalid(name);
    return found;
  };

export const required =
  (read: FieldReader): FieldReader =>
  (value, name) => {
    const found = read(value, name);
    if (found === null || found === "") throw new FieldError(`${name}_missing`);
    return found;
  };

/** Where geography, weather and rate came from; anything else in it is left out. */
export const enrichSource: FieldReader = (value) => {
  if (typeof value !== "object" || value === null) return null;
  const known = Object.entries(value).filter(
    ([key, source]) => ["geo", "weather", "rate"].includes(key) && sources.has(String(source)),
  );
  return known.length === 0 ? null : Object.fromEntries(known);
};
