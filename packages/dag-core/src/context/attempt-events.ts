import type { SendEventOptions } from "../definition/context.ts";
import type { SentEvent } from "../definition/outcome.ts";
import { boundedMsOrThrow, durationMs } from "../kernel/duration.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import { checkOutput, outputError } from "../kernel/json.ts";

type AnySendOptions = Omit<SendEventOptions, "payload"> & { readonly payload?: unknown };

/** `ctx.sendEvent` of one attempt: keeps what was sent until the attempt succeeds. */
export class AttemptEvents {
  readonly #taskId: string;
  readonly #instanceKey: string;
  readonly #sent: SentEvent[] = [];

  /** @param instanceKey Names the task instance until it is cleared, so that its events are sent once until then. */
  constructor(taskId: string, instanceKey: string) {
    this.#taskId = taskId;
    this.#instanceKey = instanceKey;
  }

  /** @throws TidemillError `TIDEMILL_ID_INVALID`, `TIDEMILL_OUTPUT_INVALID`, `TIDEMILL_DURATION_INVALID`, `TIDEMILL_INPUT_INVALID` */
  send(name: string, { payload = null, key, ttl = "7d" }: AnySendOptions = {}): void {
    checkIdOrThrow("Event", name);
    const ttlMs = boundedMsOrThrow(`The ttl of event "${name}"`, durationMs(ttl));
    const checked = checkOutput(payload);
    if ("problem" in checked) throw outputError(this.#taskId, checked);
    const eventKey = key ?? `${this.#instanceKey}_${this.#sent.length}`;
    this.#sent.push({ name, ttlMs, payload: checked.json, key: eventKey });
  }

  /** What was sent; undefined when nothing was. */
  sent(): readonly SentEvent[] | undefined {
    return this.#sent.length > 0 ? this.#sent : undefined;
  }
}
