import pg from "pg";

type Parser = (text: string) => unknown;

const oid = {
  bigint: 20,
  json: 114,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  point: 600,
  circle: 718,
  jsonb: 3802,
} as const;
const arrayOid = {
  bigint: 1016,
  numeric: 1231,
  date: 1182,
  timestamp: 1115,
  timestamptz: 1185,
  interval: 1187,
} as const;
const textArrayOid = 1009;

const asText: Parser = (text) => text;

/** `2024-05-01 10:00:00.5` as `2024-05-01T10:00:00.500Z`; microseconds are kept where there are any. */
function isoTimestamp(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?$/.exec(text);
  if (match) return `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(3, "0")}Z`;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}

const driverParser = pg.types.getTypeParser as (id: number, format?: "text" | "binary") => Parser;
const textArray = driverParser(textArrayOid);
const mapDeep = (value: unknown, parse: Parser): unknown => {
  if (Array.isArray(value)) return value.map((part) => mapDeep(part, parse));
  return typeof value === "string" ? parse(value) : value;
};
const arrayOf =
  (parse: Parser): Parser =>
  (text) =>
    mapDeep(textArray(text), parse);

const parsers = new Map<number, Parser>([
  [oid.bigint, asText],
  [oid.date, asText],
  [oid.interval, asText],
  [oid.point, asText],
  [oid.circle, asText],
  [oid.timestamp, isoTimestamp],
  [oid.timestamptz, isoTimestamp],
  [oid.json, (text) => JSON.parse(text) as unknown],
  [oid.jsonb, (text) => JSON.parse(text) as unknown],
  [arrayOid.bigint, arrayOf(asText)],
  [arrayOid.numeric, arrayOf(asText)],
  [arrayOid.date, arrayOf(asText)],
  [arrayOid.interval, arrayOf(asText)],
  [arrayOid.timestamp, arrayOf(isoTimestamp)],
  [arrayOid.timestamptz, arrayOf(isoTimestamp)],
]);

/** Parsers of one client: JSON-safe, without a time zone or a float in the way. The global ones stay as they are. */
export const valueParsers: pg.CustomTypesConfig = {
  getTypeParser: (id: number, format?: "text" | "binary") =>
    (format === "binary" ? undefined : parsers.get(id)) ?? driverParser(id, format),
};
