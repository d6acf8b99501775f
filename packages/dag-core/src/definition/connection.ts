/**
 * A named way to reach a system. `H` is the hook that `ctx.open` hands back.
 * The address comes from `TIDEMILL_CONN_<ID>` when the task runs, never from the code.
 */
export interface ConnectionRef<out H> {
  readonly connectionId: string;
  /** The kind of system, for messages: `"PostgreSQL"`, `"Kafka"`, `"ClickHouse"`. */
  readonly system: string;
  readonly open: (uri: string, signal: AbortSignal) => Promise<H & AsyncDisposable>;
  /** Reaches the system once and answers with its version; `tidemill connections test`. */
  readonly test: (uri: string, signal: AbortSignal) => Promise<string>;
}

/** A hook that can run a function inside a database transaction. */
export interface Transactional<Tx> {
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
}
/** The transaction that a hook of this type gives to the function of `ctx.transaction`. */
export type TransactionOf<H> = H extends Transactional<infer Tx> ? Tx : never;

/** The least a transaction must offer so that the engine can keep its marker row in it. */
export interface MarkerTransaction {
  query(
    sql: string,
    values?: readonly unknown[],
  ): Promise<{
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly rowCount: number;
  }>;
}
