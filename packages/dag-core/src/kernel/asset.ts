import { checkIdOrThrow, isId } from "./ids.ts";

/** Something that tasks update and that DAGs may be scheduled by: a table, a file, a topic. */
export interface Asset {
  readonly asset: string;
}

/**
 * Names an asset.
 *
 * @param id Its id, the same wherever it is meant.
 * @throws TidemillError `TIDEMILL_ID_INVALID`
 * @example
 * export const orders = asset("raw.orders");
 * task("load", { outlets: [orders], run: load });
 * dag("marts", { schedule: { assets: [orders] }, startDate: "2026-01-01" }, define);
 */
export function asset(id: string): Asset {
  return Object.freeze({ asset: checkIdOrThrow("Asset", id) });
}

/** Whether a value names an asset. */
export function isAsset(value: unknown): value is Asset {
  return isId(Object(value).asset);
}
