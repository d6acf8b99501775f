import { randomUUID } from "node:crypto";
import type { InstanceState } from "../rules/run-state.ts";
import type { RunEntry } from "./run-entry.ts";

export interface StartedTry {
  readonly entry: RunEntry;
  readonly instance: InstanceState;
  readonly lease: string;
}

export function startTry(
  entry: RunEntry,
  instance: InstanceState,
  processId: string,
  now: Date,
): StartedTry {
  const lease = randomUUID();
  entry.state.move(instance, "running");
  instance.lease = lease;
  instance.processId = processId;
  instance.handOff += 1;
  instance.startedAt = now;
  instance.endedAt = null;
  return { entry, instance, lease };
}
