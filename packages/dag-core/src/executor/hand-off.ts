import type { AttemptFacts } from "../context/task-context.ts";
import type { JsonValue } from "../kernel/json.ts";

export type { AttemptError, Outcome } from "../definition/outcome.ts";

/** `<task instance>-<clear>-<try>-<hand-off number>`: one hand-off of one try, safe as a DNS label. */
export type HandOffId = string;
/** The fence of a running try: every write of its result names it. */
export type Lease = string;

/** Everything an attempt needs to know; JSON, so that it may cross any border. */
export interface AttemptInput extends AttemptFacts {
  readonly params: JsonValue;
  /** Outputs of upstream tasks by input name; absent where an upstream produced none. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Item of a mapped instance whose list came from an upstream task. */
  readonly item?: JsonValue;
  readonly timeoutMs?: number;
}

/** An attempt that was claimed and started in one statement: nothing is left to grant. */
export interface StartedHandOff {
  readonly id: HandOffId;
  readonly lease: Lease;
  readonly priority: number;
  readonly manifestHash: string;
  /** In a process of its own: asked for by the task, or because its last process died. */
  readonly isolation: "warm" | "fresh";
  readonly input: AttemptInput;
}

export interface LogLine {
  readonly at: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: Readonly<Record<string, JsonValue>>;
}
