import oracledb from "oracledb";
import { boundText } from "../bound-parameters.ts";
import { errorCode, isNetworkError, type System, unreachable } from "../unreachable.ts";
import type { OracleColumn, OracleConnection, OracleDriver, OracleFetchType } from "./driver.ts";
import type { OracleHook, OracleStreamOptions } from "./hook.ts";
import { rowReader } from "../row-reader.ts";

/** Answers that mean the address or the account is wrong, by their codes. */
const refusals: Readonly<Record<string, string>> = {
  "ORA-01017": "the account or its password is refused",
  "ORA-28000": "the account is locked",
  "ORA-12514": "it does not know the service",
  "ORA-12541": "nobody listens there",
  "NJS-503": "nobody listens there",
  "NJS-510": "no answer in time",
  "NJS-511": "nobody listens there",
  "NJS-518": "it does not know the service",
  "NJS-500": "it closed the connection",
  "ORA-03113": "it closed the connection",
};

const codeOf = (error: unknown): string =>
  errorCode(error) ??
  (error instanceof Error ? (/^(ORA|NJS)-\d+/.exec(error.message)?.[0] ?? "") : "");

function explain(system: System, error: unknown): unknown {
  const refusal = refusals[codeOf(error)];
  if (refusal !== undefined) return unreachable(system, error, refusal);
  return isNetworkError(error) ? unreachable(system, error) : error;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** The driver gives a time without zone as a Date of this process's zone; its wall clock is what is stored. */
function wallClock(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  const day = `${value.getFullYear()}-${two(value.getMonth() + 1)}-${two(value.getDate())}`;
  const time = `${two(value.getHours())}:${two(value.getMinutes())}:${two(value.getSeconds())}`;
  return `${day}T${time}.${String(value.getMilliseconds()).padStart(3, "0")}Z`;
}

const instant = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

/** Numbers as text, since JavaScript's would round them; times as text of one form. */
const fetchTypes =
  (driver: OracleDriver) =>
  ({ dbType }: OracleColumn): OracleFetchType | undefined => {
    switch (dbType) {
      case driver.DB_TYPE_NUMBER:
      case driver.DB_TYPE_CLOB:
        return { type: driver.STRING };
      case driver.DB_TYPE_DATE:
      case driver.DB_TYPE_TIMESTAMP:
        return { converter: wallClock };
      case driver.DB_TYPE_TIMESTAMP_TZ:
      case driver.DB_TYPE_TIMESTAMP_LTZ:
        return { converter: instant };
      default:
        return undefined;
    }
  };

const lowerCase = <Row>(row: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]),
  ) as Row;

async function* readRows<Row>(
  driver: OracleDriver,
  connection: OracleConnection,
  query: { readonly text: string; readonly values: readonly unknown[] },
  batchSize: number,
): AsyncGenerator<Row[]> {
  const { resultSet } = await connection.execute(query.text, query.values, {
    outFormat: driver.OUT_FORMAT_OBJECT,
    resultSet: true,
    fetchArraySize: batchSize,
    fetchTypeHandler: fetchTypes(driver),
  });
  if (resultSet === undefined) return;
  try {
    for (;;) {
      const rows = await resultSet.getRows(batchSize);
      if (rows.length > 0) yield rows.map((row) => lowerCase<Row>(row));
      if (rows.length < batchSize) return;
    }
  } finally {
    await resultSet.close();
  }
}

function addressOf(uri: string) {
  const url = new URL(uri);
  const address = `${url.hostname || "localhost"}:${url.port || "1521"}`;
  return {
    address,
    attributes: {
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      connectString: `${url.searchParams.get("protocol") === "tcps" ? "tcps://" : ""}${address}${url.pathname}`,
    },
  };
}

async function connect(
  driver: OracleDriver,
  attributes: Parameters<OracleDriver["getConnection"]>[0],
  signal: AbortSignal,
): Promise<OracleConnection> {
  const connection = await driver.getConnection(attributes);
  try {
    await connection.execute("alter session set time_zone = 'UTC'", [], {});
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}

/**
 * Opens one connection of an attempt in the driver's thin mode, which needs no client libraries.
 *
 * @param driver Defaults to node-oracledb.
 */
export async function openOracle(
  uri: string,
  remedy: string,
  signal: AbortSignal,
  // The driver's types are overloads with callbacks; `OracleDriver` states the promise forms that are used.
  driver: OracleDriver = oracledb as unknown as OracleDriver,
): Promise<OracleHook> {
  const { address, attributes } = addressOf(uri);
  const system = { system: "Oracle", address, remedy };
  signal.throwIfAborted();
  const failed = (error: unknown): unknown =>
    signal.aborted ? signal.reason : explain(system, error);
  const connection = await connect(driver, attributes, signal).catch((error: unknown) => {
    throw failed(error);
  });
  const stop = (): void => void connection.break().catch(() => undefined);
  signal.addEventListener("abort", stop, { once: true });
  async function* stream<Row>(
    sql: string,
    values: Readonly<Record<string, unknown>> = {},
    { batchSize = 1_000 }: OracleStreamOptions = {},
  ): AsyncGenerator<Row[]> {
    const query = boundText(sql.replace(/[;\s]+$/, ""), values, (number) => `:${number}`);
    try {
      yield* readRows<Row>(driver, connection, query, batchSize);
    } catch (error) {
      throw failed(error);
    }
  }
  return rowReader({
    stream,
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", stop);
      await connection.close();
    },
  });
}
