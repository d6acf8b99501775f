import type { StateReason } from "../definition/states.ts";
import type { JsonValue } from "../kernel/json.ts";

/** `<task instance>-<clear>-<try>-<hand-off number>`: one hand-off of one try, safe as a DNS label. */
export type HandOffId = string;
/** The fence of a running try: every write of its result names it. */
export type Lease = string;

/** Everything an attempt needs to know; JSON, so that it may cross any border. */
export interface AttemptInput {
  readonly dagId: string;
  readonly runId: string;
  readonly runType: string;
  readonly taskId: string;
  readonly mapIndex: number;
  readonly tryNumber: number;
  /** Of the task instance; grows with each clear. Key of `ctx.transaction`. */
  readonly clearNumber: number;
  readonly handOff: number;
  readonly taskInstanceId: string;
  /** ISO instants. */
  readonly intervalStart: string;
  readonly intervalEnd: string;
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

export interface AttemptError {
  readonly class: string;
  readonly message: string;
  readonly stack?: string;
}

/** How an attempt ended. */
export type Outcome =
  | {
      readonly kind: "success";
      /** Checked JSON text of the output; absent for none. */
      readonly output?: string;
      /** Kind `branch`: the case chosen. */
      readonly choice?: string;
      /** Length of the output when it is a list: what `each` maps over. */
      readonly listLength?: number;
      /** `ctx.state.set`: key to JSON text. */
      readonly state?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "skipped"; readonly message: string }
  | { readonly kind: "reschedule"; readonly afterMs: number }
  | {
      readonly kind: "failed";
      readonly reason: StateReason;
      readonly error: AttemptError;
      readonly retry: "policy" | "never" | { readonly afterMs: number };
    }
  /** The process that ran it is gone, or was told to stop: no verdict on the task. */
  | {
      readonly kind: "lost";
      readonly reason: "exit" | "out_of_memory" | "lease_lost" | "stopped";
      /** Whether it was the only attempt that the process carried. */
      readonly wasAlone: boolean;
      readonly message: string;
    }
  /** This process has not loaded the DAG or the task. */
  | { readonly kind: "wrong_version"; readonly missing: "dag" | "task" };

export interface LogLine {
  readonly at: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields?: Readonly<Record<string, JsonValue>>;
}
