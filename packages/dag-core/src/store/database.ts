import pg from "pg";
import { addressOf } from "../kernel/address.ts";
import { tidemillError, toError } from "../kernel/errors.ts";
import { ask, type LentClient, OpenTransaction, queryable, statement } from "./open-transaction.ts";
import type { Query } from "./sql.ts";
import { isRolledBack, isTransient } from "./transient-errors.ts";

export type QueryParameters = Readonly<Record<string, unknown>>;

/** What both the database and a transaction can do. */
export interface Queryable {
  many<Row>(query: Query, parameters?: QueryParameters): Promise<Row[]>;
  one<Row>(query: Query, parameters?: QueryParameters): Promise<Row | undefined>;
  /** The number of rows affected. */
  exec(query: Query, parameters?: QueryParameters): Promise<number>;
}

/** A transaction that is open. */
export interface Transaction extends Queryable {
  readonly isTransaction: true;
  /**
   * Its last statement, on one trip with the commit: where it must not be committed it has to be an error by itself.
   * Where the connection breaks, or does not answer in time, it may have been committed all the same.
   */
  last(query: Query, parameters?: QueryParameters): Promise<void>;
}

export interface TransactionOptions {
  /** Whether its first statement only reads or locks: then it goes on one trip with the begin. Defaults to false. */
  readonly readsFirst?: boolean;
}

/** Where the engine keeps what it knows: its Postgres, or what stands in for it in a simulation. */
export interface Store extends Queryable {
  /**
   * Runs `fn` in one READ COMMITTED transaction. Deadlocks and serialization failures are retried here, and only
   * here, so `fn` must not keep what it did in memory before it returns.
   */
  transaction<T>(fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Schema of the engine's tables. Defaults to `"tidemill"`. */
  readonly schema?: string;
  /** Most connections. Defaults to 10. */
  readonly connections?: number;
  /** Shown in `pg_stat_activity`. Defaults to `"tidemill"`. */
  readonly applicationName?: string;
  /**
   * Time in milliseconds after which a connection that does not answer is taken to be broken: the other side may have
   * vanished without a word. Defaults to none; `connect()` never has one.
   */
  readonly answerTimeoutMs?: number;
  /**
   * Whether statements are planned once, for rows found by their keys, as an engine's are: a plan made while a table was
   * small would go on to read all of it when it has grown. Defaults to false: plans follow the statistics.
   */
  readonly findsByKey?: boolean;
}

/** The words of `findsByKey` for Postgres. */
export const keyPlans = [
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_hashjoin=off",
  "enable_mergejoin=off",
  "jit=off",
];

const maxAttempts = 5;
/** The longest wait for a connection; never longer than that for an answer. */
const connectMs = 10_000;
/** Nothing waits inside a transaction; one that idles belongs to a process that hangs, and holds up the others. */
const idleInTransactionMs = 10_000;

/** The engine's Postgres: a pool of connections, its transactions, and the wake-up channel. */
export class Database implements Store {
  readonly schema: string;
  readonly url: string;
  readonly applicationName: string;
  readonly many: Queryable["many"];
  readonly one: Queryable["one"];
  readonly exec: Queryable["exec"];
  readonly #pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.schema = options.schema ?? "tidemill";
    this.url = options.url;
    this.applicationName = options.applicationName ?? "tidemill";
    this.#pool = new pg.Pool(poolConfig(options, this.schema));
    // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
    this.#pool.on("error", () => {});
    // The same for one that breaks while it is lent out: the pool listens to idle ones only.
    this.#pool.on("connect", (client) => client.on("error", () => {}));
    const direct = queryable((query, parameters) => this.#pool.query(statement(query, parameters)));
    this.many = direct.many;
    this.one = direct.one;
    this.exec = direct.exec;
  }

  /** Address for messages: host, port and database, no password. */
  get address(): string {
    return placeOf(this.url);
  }

  async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    { readsFirst = false }: TransactionOptions = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(fn, readsFirst);
      } catch (error) {
        if (!isRolledBack(error) || attempt === maxAttempts) throw error;
      }
    }
  }

  async #once<T>(fn: (tx: Transaction) => Promise<T>, readsFirst: boolean): Promise<T> {
    const client = await this.#lend();
    let broken: Error | undefined;
    try {
      const open = new OpenTransaction(client);
      if (!readsFirst) await open.begun;
      const result = await fn(open.tx);
      await open.commit();
      return result;
    } catch (error) {
      broken = await rollback(client, error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #lend(): Promise<LentClient> {
    return (await this.#pool.connect()) as LentClient;
  }

  /** The same database, where each statement is followed by a second one on its trip, however the first ends. */
  followedBy(after: Query, parametersAfter: QueryParameters): Queryable {
    return queryable(async (query, parameters) => {
      const [first, second] = [statement(query, parameters), statement(after, parametersAfter)];
      const client = await this.#lend();
      const answer = ask(client, first);
      const broken = ask(client, second).then(() => undefined, toError);
      try {
        const result = await answer;
        client.release(await broken);
        return result;
      } catch (error) {
        await broken;
        // As a pool does with the connection of a statement that failed.
        client.release(toError(error));
        throw error;
      }
    });
  }

  /** Runs a whole SQL text that has no parameters, statement by statement. */
  async script(sql: string): Promise<void> {
    await this.#pool.query(sql);
  }

  /**
   * A connection of its own, for what cannot share one: LISTEN, session locks, migrations.
   * The caller ends it.
   */
  async connect(): Promise<pg.Client> {
    const { url, schema, applicationName } = this;
    const client = new pg.Client(clientConfig({ url, applicationName }, schema));
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  /** @throws TidemillError `TIDEMILL_DATABASE_UNREACHABLE` */
  async ping(): Promise<void> {
    try {
      await this.#pool.query("select 1");
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** The error that says which database could not be reached, and what to do. */
export function unreachable(url: string, cause: unknown): Error {
  if (!isTransient(cause) && !(cause instanceof pg.DatabaseError)) return toError(cause);
  const inner = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  const details = { address: placeOf(url), problem: toError(inner).message, ...refusal(inner) };
  return tidemillError("TIDEMILL_DATABASE_UNREACHABLE", details, { cause });
}

/** What a server that answered does not let pass: who asks, or the name of the database. */
function refusal(error: unknown): { readonly remedy?: string } {
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  if (code === "3D000") return { remedy: "create that database, or correct its name" };
  if (code?.startsWith("28")) return { remedy: "correct the user and the password" };
  return {};
}

/** What is a Postgres anyway needs no scheme. */
const placeOf = (url: string): string => addressOf(url).replace(/^[a-z]+:\/\//, "");

async function rollback(client: pg.PoolClient, error: unknown): Promise<Error | undefined> {
  if (isTransient(error) && !isRolledBack(error)) return toError(error);
  try {
    await client.query("rollback");
    return undefined;
  } catch (failure) {
    return toError(failure);
  }
}

const sessionSettings = (schema: string): readonly string[] => [
  `search_path=${schema}`,
  "timezone=UTC",
  String.raw`default_transaction_isolation=read\ committed`,
];

function clientConfig(options: DatabaseOptions, schema: string): pg.ClientConfig {
  return {
    connectionString: options.url,
    application_name: options.applicationName ?? "tidemill",
    options: [...sessionSettings(schema), ...(options.findsByKey === true ? keyPlans : [])]
      .map((one) => `-c ${one}`)
      .join(" "),
    keepAlive: true,
    keepAliveInitialDelayMillis: 2_000,
    connectionTimeoutMillis: Math.min(connectMs, options.answerTimeoutMs ?? connectMs),
    idle_in_transaction_session_timeout: idleInTransactionMs,
  };
}

function poolConfig(options: DatabaseOptions, schema: string): pg.PoolConfig {
  return {
    ...clientConfig(options, schema),
    ...(options.answerTimeoutMs !== undefined && { query_timeout: options.answerTimeoutMs }),
    // A statement that does not wait for the answer to the one before it is sent at once.
    pipeline: true,
    max: options.connections ?? 10,
    idleTimeoutMillis: 60_000,
  };
}
