export { oracle } from "./connection.ts";
export type {
  OracleColumn,
  OracleConnection,
  OracleDriver,
  OracleFetchType,
  OracleResultSet,
} from "./driver.ts";
export type { OracleHook, OracleStreamOptions } from "./hook.ts";
export { openOracle } from "./open.ts";
