import { tidemillError } from "@tidemill/dag-core";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  /** Where `generate` writes and `split` reads. Defaults to `data_generation/raw_files`. */
  readonly rawDir: string;
  /** Where `split` writes and `load` reads. Defaults to `data_generation/raw_split_files`. */
  readonly splitDir: string;
  /** The earliest start of a generated loan, `YYYY-MM-DD`. Defaults to `2010-01-01`. */
  readonly startLoanDate: string;
  /** The zone of the hours in which notices may be sent. Defaults to `UTC`. */
  readonly zone: string;
}

const invalid = (name: string, value: string, problem: string, remedy: string): Error =>
  tidemillError("TIDEMILL_CONFIG_INVALID", { name, value, problem, remedy });

const textOf = (env: Environment, name: string, otherwise: string): string => {
  const value = env[name] ?? "";
  return value === "" ? otherwise : value;
};

const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/**
 * The pipeline's settings: `RAW_DIR`, `SPLIT_DIR`, `START_LOAN_DATE`, `NOTIFY_TZ`.
 *
 * @throws TidemillError `TIDEMILL_CONFIG_INVALID` for a date or a zone that is none.
 */
export function readSettings(env: Environment = process.env): Settings {
  const startLoanDate = textOf(env, "START_LOAN_DATE", "2010-01-01");
  if (!isDate(startLoanDate)) {
    throw invalid("START_LOAN_DATE", startLoanDate, "which is not a date", "write 2010-01-31");
  }
  const zone = textOf(env, "NOTIFY_TZ", "UTC");
  if (!isZone(zone)) {
    throw invalid("NOTIFY_TZ", zone, "which is not a time zone", `write one like "Europe/Moscow"`);
  }
  return {
    rawDir: textOf(env, "RAW_DIR", "data_generation/raw_files"),
    splitDir: textOf(env, "SPLIT_DIR", "data_generation/raw_split_files"),
    startLoanDate,
    zone,
  };
}

/**
 * The address of the database: `TIDEMILL_CONN_OVERDUE_LOANS`, else what `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASS` and
 * `DB_NAME` make up, else nothing.
 */
export function databaseUri(env: Environment = process.env): string | undefined {
  const given = textOf(env, "TIDEMILL_CONN_OVERDUE_LOANS", "");
  if (given !== "") return given;
  const names = ["DB_HOST", "DB_PORT", "DB_USER", "DB_PASS", "DB_NAME"];
  if (names.every((name) => textOf(env, name, "") === "")) return undefined;
  const part = (name: string, otherwise: string) =>
    encodeURIComponent(textOf(env, name, otherwise));
  const password = part("DB_PASS", "");
  const user = `${part("DB_USER", "postgres")}${password === "" ? "" : `:${password}`}`;
  const host = textOf(env, "DB_HOST", "localhost");
  return `postgres://${user}@${host}:${part("DB_PORT", "5432")}/${part("DB_NAME", "overdue_loans")}`;
}
