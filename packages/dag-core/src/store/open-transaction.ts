import type pg from "pg";
import type { Queryable, QueryParameters, Transaction } from "./database.ts";
import type { Query } from "./sql.ts";

function valuesOf(query: Query, parameters: QueryParameters): unknown[] {
  return query.parameters.map((name) => {
    if (!(name in parameters)) throw new Error(`Query ${query.name} needs parameter @${name}`);
    return parameters[name];
  });
}

export function statement(query: Query, parameters: QueryParameters = {}): pg.QueryConfig {
  return { name: query.name, text: query.text, values: valuesOf(query, parameters) };
}

/** What a pool lends: its types hide the connection below. */
export type LentClient = pg.PoolClient & Pick<pg.Client, "connection">;

/**
 * Asks a connection. What is asked without a wait in between is sent in one piece: of several the first would wake the
 * server, which then takes the processor before the others have left.
 */
export function ask(client: LentClient, asked: string | pg.QueryConfig): Promise<pg.QueryResult> {
  const { stream } = client.connection;
  stream.cork();
  queueMicrotask(() => stream.uncork());
  return client.query(asked);
}

type Run = (query: Query, parameters?: QueryParameters) => Promise<pg.QueryResult>;

export function queryable(run: Run): Queryable {
  return {
    many: async <Row>(query: Query, parameters?: QueryParameters) =>
      (await run(query, parameters)).rows as Row[],
    one: async <Row>(query: Query, parameters?: QueryParameters) =>
      (await run(query, parameters)).rows[0] as Row | undefined,
    exec: async (query, parameters) => (await run(query, parameters)).rowCount ?? 0,
  };
}

/** A transaction on a connection, from its begin to its commit. */
export class OpenTransaction {
  readonly tx: Transaction;
  readonly begun: Promise<unknown>;
  readonly #client: LentClient;
  #committed: Promise<unknown> | undefined;

  constructor(client: LentClient) {
    this.#client = client;
    this.begun = ask(client, "begin isolation level read committed");
    this.begun.catch(() => undefined);
    // No answer counts before the begin's: where that fails, what went with it was no part of a transaction.
    const answered: Run = async (query, parameters) => {
      if (this.#committed)
        throw new Error(`Query ${query.name} comes after the last of its transaction`);
      return (await Promise.all([ask(client, statement(query, parameters)), this.begun]))[0];
    };
    const last: Transaction["last"] = async (query, parameters = {}) => {
      // What cannot be sent must not leave the commit to go alone.
      valuesOf(query, parameters);
      await Promise.all([answered(query, parameters), this.commit()]);
    };
    this.tx = { ...queryable(answered), isTransaction: true, last };
  }

  commit(): Promise<unknown> {
    return (this.#committed ??= ask(this.#client, "commit"));
  }
}
