import type { QueryParameters, Store, Transaction } from "../../store/database.ts";
import type { Query } from "../../store/sql.ts";
import { assetQueries } from "./asset-queries.ts";
import { claimQueries } from "./claim-queries.ts";
import { pastQueries } from "./past-queries.ts";
import { processQueries } from "./process-queries.ts";
import { requestQueries } from "./request-queries.ts";
import { runQueries } from "./run-queries.ts";
import { scheduleQueries } from "./schedule-queries.ts";
import { Tables } from "./tables.ts";
import { waitQueries } from "./wait-queries.ts";

/**
 * What a query does to the tables: the rows that it yields, or that it changed. Its parameters are those of the SQL
 * text of the same name.
 */
export type QueryHandler = (tables: Tables, parameters: never, now: Date) => readonly object[];
export type QueryHandlers = Readonly<Record<string, QueryHandler>>;

export interface MemoryStoreOptions {
  /** The clock of the database. */
  readonly now: () => Date;
  /** Queries beside those of scheduling and claiming. */
  readonly queries?: QueryHandlers;
}

/**
 * Stands in for the engine's Postgres in a simulation: each query of the `.sql` files that scheduling needs, by its
 * name, over tables in memory. Transactions run one after the other and are taken back when they throw; what may come
 * between the statements of two of them is tested on Postgres.
 */
export class MemoryStore implements Store {
  readonly tables = new Tables();
  readonly #now: () => Date;
  readonly #queries: QueryHandlers;

  constructor({ now, queries = {} }: MemoryStoreOptions) {
    this.#now = now;
    this.#queries = {
      ...scheduleQueries,
      ...runQueries,
      ...claimQueries,
      ...pastQueries,
      ...processQueries,
      ...requestQueries,
      ...waitQueries,
      ...assetQueries,
      ...queries,
    };
  }

  async many<Row>(query: Query, parameters: QueryParameters = {}): Promise<Row[]> {
    // Rows are what the query of this name yields; the test of all queries compares them with the row types.
    return this.#run(query, parameters) as Row[];
  }

  async one<Row>(query: Query, parameters: QueryParameters = {}): Promise<Row | undefined> {
    return this.#run(query, parameters)[0] as Row | undefined;
  }

  async exec(query: Query, parameters: QueryParameters = {}): Promise<number> {
    return this.#run(query, parameters).length;
  }

  async transaction<T>(fn: (tx: Transaction) => Promise<T>): Promise<T> {
    const { journal } = this.tables;
    journal.begin();
    try {
      const result = await fn({
        many: (query, parameters) => this.many(query, parameters),
        one: (query, parameters) => this.one(query, parameters),
        exec: (query, parameters) => this.exec(query, parameters),
        last: async (query, parameters) => void this.#run(query, parameters ?? {}),
        isTransaction: true,
      });
      journal.commit();
      return result;
    } catch (error) {
      journal.rollback();
      throw error;
    }
  }

  #run({ name }: Query, parameters: QueryParameters): readonly object[] {
    const handler = this.#queries[name];
    if (!handler)
      throw new Error(`The simulated store has no query ${name}; add it to testing/simulation`);
    return handler(this.tables, parameters as never, this.#now());
  }
}
