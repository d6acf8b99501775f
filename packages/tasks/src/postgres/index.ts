export { postgres } from "./connection.ts";
export type { BinaryType } from "./copy-binary.ts";
export type {
  CopyFromOptions,
  CopyOptions,
  CopyRows,
  LockOptions,
  PostgresEndpoint,
  PostgresHook,
  PostgresSession,
  PostgresTransaction,
  QueryResult,
  StreamOptions,
} from "./hook.ts";
export {
  type Expectation,
  postgresCheck,
  type PostgresCheckOf,
  type PostgresCheckOptions,
} from "./postgres-check.ts";
export { postgresCopy, type PostgresCopyOptions } from "./postgres-copy.ts";
export { postgresQuery, type PostgresQueryOptions } from "./postgres-query.ts";
export { postgresSql, type PostgresSqlOptions, type PostgresSqlResult } from "./postgres-sql.ts";
export { sqlFolder, type SqlSource } from "../sql-file.ts";
