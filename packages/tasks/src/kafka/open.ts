import type { KafkaHook } from "./hook.ts";

/** Opens the clients of one attempt. */
export async function openKafka(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<KafkaHook> {
  throw new Error(`${uri} ${remedy} ${String(signal.aborted)}`);
}
