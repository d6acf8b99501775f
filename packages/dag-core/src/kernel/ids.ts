import { tidemillError } from "./errors.ts";

const pattern = /^[A-Za-z0-9_.~:+-]{1,200}$/;

/** What an id names, as the error says it. */
export type IdKind = "DAG" | "Task" | "Group" | "Run" | "Pool" | "Connection" | "Event" | "Asset";

/**
 * Whether a text may be an id: 1 to 200 of `A-Z a-z 0-9 _ . ~ : + -`, without `..`.
 *
 * @example isId("dwh.orders") // true
 */
export function isId(id: unknown): id is string {
  return typeof id === "string" && pattern.test(id) && !id.includes("..");
}

/**
 * The id itself, if it is one.
 *
 * @throws TidemillError `TIDEMILL_ID_INVALID` when it is not.
 * @example checkIdOrThrow("Task", "extract orders") // throws: a space
 */
export function checkIdOrThrow(kind: IdKind, id: unknown): string {
  if (!isId(id)) throw tidemillError("TIDEMILL_ID_INVALID", { kind, id: String(id) });
  return id;
}
