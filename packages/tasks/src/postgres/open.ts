import { setTimeout as delay } from "node:timers/promises";
import { durationMs, TidemillError, tidemillError } from "@tidemill/dag-core";
import pg from "pg";
import { isNetworkError, type System, unreachable } from "../unreachable.ts";
import type { LockOptions, PostgresEndpoint, PostgresHook, PostgresTransaction } from "./hook.ts";
import { type ClientSource, sessionOver } from "./session.ts";
import { valueParsers } from "./value-parsers.ts";

const connectTimeoutMs = 10_000;
/** Of one attempt: a stream, a transaction and a lock may be open at once. */
const maxClients = 6;

/** Server answers that mean the address or the account is wrong, by SQLSTATE. */
const refusals: Readonly<Record<string, string>> = {
  "28000": "the account is refused",
  "28P01": "the password is refused",
  "3D000": "the database does not exist",
  "53300": "it has no connection left",
  "57P01": "it ended the connection",
  "57P02": "it crashed",
  "57P03": "it is starting up or shutting down",
};

/** The way psql reads `sslmode`: `require` encrypts, `verify-full` checks the name as well. */
function withLibpqTls(uri: string): string {
  const url = new URL(uri);
  if (url.searchParams.has("sslmode") && !url.searchParams.has("uselibpqcompat")) {
    url.searchParams.set("uselibpqcompat", "true");
  }
  return url.href;
}

const poolOf = (uri: string): pg.Pool =>
  new pg.Pool({
    connectionString: withLibpqTls(uri),
    max: maxClients,
    allowExitOnIdle: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: connectTimeoutMs,
    lock_timeout: 60_000,
    idle_in_transaction_session_timeout: 300_000,
    fallback_application_name: "tidemill",
    options: "-c TimeZone=UTC -c DateStyle=ISO",
    types: valueParsers,
  });

function endpointOf(uri: string): PostgresEndpoint {
  const url = new URL(uri);
  return {
    host: url.hostname || "localhost",
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

/** Connection errors by name and address; everything else as it came. */
function connectionError(system: System, error: unknown): unknown {
  if (error instanceof TidemillError) return error;
  if (error instanceof pg.DatabaseError) {
    const refusal = refusals[error.code ?? ""];
    return refusal === undefined ? error : unreachable(system, error, refusal);
  }
  // The driver's own errors have no code: "timeout exceeded when trying to connect", "Connection terminated".
  const isLost =
    error instanceof Error &&
    /timeout|terminated|connection error|SSL connections/i.test(error.message);
  return isNetworkError(error) || isLost ? unreachable(system, error) : error;
}

/** A statement failed and its error was caught: Postgres answers the commit with a rollback. */
const swallowedError = (): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: "The transaction",
    problem:
      "was rolled back at its commit, because a statement in it failed and the error was caught",
    remedy: "let the error out, or use a savepoint around that statement",
  });

/** One client for everything; who holds it explains its errors. */
const only = (client: pg.ClientBase): ClientSource => ({
  acquire: () => Promise.resolve({ client, release: ignore }),
  explain: (error) => error,
});

async function inTransaction<T>(
  client: pg.ClientBase,
  signal: AbortSignal,
  fn: (tx: PostgresTransaction) => Promise<T>,
): Promise<T> {
  await client.query("begin isolation level read committed");
  try {
    const result = await fn({ ...sessionOver(only(client)), inTransaction: true });
    // An attempt that was aborted may have lost its lease: what it did not commit yet, it may not commit.
    signal.throwIfAborted();
    const { command } = await client.query("commit");
    if (command === "ROLLBACK") throw swallowedError();
    return result;
  } catch (error) {
    // The first error is the one to report; a connection that cannot roll back is gone anyway.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function withLock<T>(
  client: pg.ClientBase,
  key: string,
  fn: (session: ReturnType<typeof sessionOver>) => Promise<T>,
  { wait = "1m" }: LockOptions,
): Promise<T> {
  await client.query("select set_config('lock_timeout', $1, false)", [String(durationMs(wait))]);
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [key]);
  return fn(sessionOver(only(client)));
}

/** Stops what the server is doing for an attempt that was aborted; without it a long statement would run on. */
async function cancelQueries(uri: string, busy: ReadonlySet<pg.PoolClient>): Promise<void> {
  const pids = [...busy].map((client) => (client as { processID?: number }).processID ?? 0);
  if (pids.length === 0) return;
  const client = new pg.Client({
    connectionString: withLibpqTls(uri),
    connectionTimeoutMillis: connectTimeoutMs,
  });
  client.on("error", ignore);
  try {
    await client.connect();
    await client.query("select pg_cancel_backend(pid) from unnest($1::int[]) as pid", [pids]);
  } catch {
    // The server is gone, and the statements with it.
  } finally {
    await client.end().catch(ignore);
  }
}

/** Opens a pool for one attempt and reaches the server once, so that a wrong address fails at once. */
export async function openPostgres(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<PostgresHook> {
  const endpoint = endpointOf(uri);
  const address = `${endpoint.host}:${endpoint.port}/${endpoint.database}`;
  const system = { system: "PostgreSQL", address, remedy };
  const explain = (error: unknown): unknown => connectionError(system, error);
  const pool = poolOf(uri);
  // An idle client that loses its server must not end the process; the next use reports it.
  pool.on("error", () => undefined);
  const busy = new Set<pg.PoolClient>();
  const cancel = (): void => void cancelQueries(uri, busy);
  signal.addEventListener("abort", cancel, { once: true });
  const acquire: ClientSource["acquire"] = async () => {
    signal.throwIfAborted();
    const client = await pool.connect().catch((error: unknown) => {
      throw explain(error);
    });
    client.on("error", ignore);
    busy.add(client);
    const release = (error?: Error): void => {
      busy.delete(client);
      client.off("error", ignore);
      client.release(error);
    };
    return { client, release };
  };
  const close = async (): Promise<void> => {
    signal.removeEventListener("abort", cancel);
    if (!pool.ended)
      await Promise.race([pool.end(), delay(closeTimeoutMs, undefined, { ref: false })]);
  };
  const hook = hookOver({ acquire, explain }, signal, endpoint, close);
  await hook.query("select 1").catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return hook;
}
const ignore = (): undefined => undefined;
/** A client that is still busy when the attempt ends may not hold up the next one. */
const closeTimeoutMs = 2_000;

function hookOver(
  source: ClientSource,
  signal: AbortSignal,
  endpoint: PostgresEndpoint,
  close: () => Promise<void>,
): PostgresHook {
  const exclusive = async <T>(
    fn: (client: pg.ClientBase) => Promise<T>,
    keep: boolean,
  ): Promise<T> => {
    const { client, release } = await source.acquire();
    let done = false;
    try {
      const result = await fn(client);
      done = keep;
      return result;
    } catch (error) {
      throw source.explain(error);
    } finally {
      // Settings and session locks end with the connection, so only a clean transaction is reused.
      release(done ? undefined : new Error("session is not reused"));
    }
  };
  return {
    ...sessionOver(source),
    transaction: (fn) => exclusive((client) => inTransaction(client, signal, fn), true),
    lock: (key, fn, options = {}) =>
      exclusive((client) => withLock(client, key, fn, options), false),
    endpoint,
    [Symbol.asyncDispose]: close,
  };
}
