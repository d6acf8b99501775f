import type { ClickHouseHook } from "./hook.ts";

export async function openClickHouse(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<ClickHouseHook> {
  throw new Error(`${uri} ${remedy} ${String(signal.aborted)}`);
}
