import { boundedMsOrThrow, type Duration, durationMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import { checkOutput, type JsonValue } from "../kernel/json.ts";
import { eventInsert } from "../store/dag.ts";
import { eventSend } from "../store/wait.ts";
import type { ChangeOptions, Scope } from "./scope.ts";

export interface SendEventOptions extends ChangeOptions {
  /** What the tasks that wait for it put out. Defaults to `null`. */
  readonly payload?: JsonValue | undefined;
  /** Of two events of a name with one key the second is dropped, as long as the first is kept. */
  readonly key?: string | undefined;
  /** How long it is kept for waits that begin later: more than 0, at most 36500 days. Defaults to `"7d"`. */
  readonly ttl?: Duration | undefined;
}

export interface EventSent {
  readonly name: string;
  /** Whether no event of this name with the same key was there. */
  readonly isNew: boolean;
}

/** Sends a named event to the tasks that wait for it. */
export async function sendEvent(
  { database, actor }: Scope,
  name: string,
  { payload = null, key, ttl = "7d", why }: SendEventOptions = {},
): Promise<EventSent> {
  checkIdOrThrow("Event", name);
  const ttlMs = boundedMsOrThrow(`The ttl of event "${name}"`, durationMs(ttl));
  const event = { name, payload: payloadOrThrow(name, payload), key, ttlMs };
  return database.transaction(async (tx) => {
    const [id] = await eventSend(tx, [{ ...event, sentBy: actor }]);
    const isNew = id !== null;
    const details = { event: name, key, why };
    if (isNew) await eventInsert(tx, { name: "named_event.sent", actor, details });
    return { name, isNew };
  });
}

function payloadOrThrow(name: string, payload: JsonValue): string {
  const checked = checkOutput(payload);
  if ("json" in checked) return checked.json;
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The payload of event "${name}"`,
    problem: `cannot be stored: ${checked.problem} at ${checked.path}`,
    remedy: "send JSON of at most 256 KiB, or a reference to what is larger",
  });
}
