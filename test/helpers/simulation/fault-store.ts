import type {
  QueryParameters,
  Store,
  Transaction,
  TransactionOptions,
} from "../../../packages/dag-core/src/store/database.ts";
import type { Query } from "../../../packages/dag-core/src/store/sql.ts";
import { Killed } from "./thread.ts";

/** What may happen between a process and the database. */
export type Fault = "kill" | "break" | "lost_answer";

export interface FaultStoreOptions {
  readonly store: Store;
  /** Waits until this process may go on. */
  readonly turn: () => Promise<void>;
  /** What befalls the next statement, or with `atCommit` the answer to a commit. */
  readonly fault: (atCommit: boolean) => Fault | undefined;
  /** Called when a transaction is committed, before the process knows of it. */
  readonly onCommit: () => void;
}

/** A connection that breaks, as the driver tells it. */
class ConnectionError extends Error {
  readonly code = "08006";
}

/** The store as one process reaches it: others come in between its transactions, and the connection may break. */
export class FaultStore implements Store {
  readonly #options: FaultStoreOptions;

  constructor(options: FaultStoreOptions) {
    this.#options = options;
  }

  async many<Row>(query: Query, parameters?: QueryParameters): Promise<Row[]> {
    return this.#statement(() => this.#options.store.many<Row>(query, parameters));
  }

  async one<Row>(query: Query, parameters?: QueryParameters): Promise<Row | undefined> {
    return this.#statement(() => this.#options.store.one<Row>(query, parameters));
  }

  async exec(query: Query, parameters?: QueryParameters): Promise<number> {
    return this.#statement(() => this.#options.store.exec(query, parameters));
  }

  async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    await this.#options.turn();
    const result = await this.#options.store.transaction(
      (tx) =>
        fn({
          many: async (query, parameters) => (this.#fail(false), tx.many(query, parameters)),
          one: async (query, parameters) => (this.#fail(false), tx.one(query, parameters)),
          exec: async (query, parameters) => (this.#fail(false), tx.exec(query, parameters)),
          last: async (query, parameters) => (this.#fail(false), tx.last(query, parameters)),
          isTransaction: true,
        }),
      options,
    );
    this.#options.onCommit();
    await this.#options.turn();
    this.#fail(true);
    return result;
  }

  async #statement<T>(run: () => Promise<T>): Promise<T> {
    await this.#options.turn();
    this.#fail(false);
    return run();
  }

  #fail(atCommit: boolean): void {
    const fault = this.#options.fault(atCommit);
    if (fault === "kill") throw new Killed();
    if (fault !== undefined) throw new ConnectionError("Connection terminated unexpectedly");
  }
}
