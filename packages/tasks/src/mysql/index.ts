export { mysql } from "./connection.ts";
export type { MysqlHook, MysqlStreamOptions } from "./hook.ts";
