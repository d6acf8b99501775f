import type { StateReason } from "./states.ts";

export interface AttemptError {
  readonly class: string;
  readonly message: string;
  readonly stack?: string;
}

/** An event that a task sends. */
export interface SentEvent {
  readonly name: string;
  readonly ttlMs: number;
  /** Checked JSON text. */
  readonly payload: string;
  /** Of two events of a name with one key the second is dropped. */
  readonly key: string;
}

/** How an attempt ended. */
export type Outcome =
  | {
      readonly kind: "success";
      /** Checked JSON text of the output; absent for none. */
      readonly output?: string;
      /** Kind `branch`: the cases chosen. Empty: nothing follows, also of a `short_circuit` that answered false. */
      readonly choices?: readonly string[];
      /** Length of the output when it is a list: what `each` maps over. */
      readonly listLength?: number;
      /** `ctx.state.set`: key to JSON text. */
      readonly state?: Readonly<Record<string, string>>;
      /** `ctx.sendEvent`: what is sent with the commit of the end. */
      readonly events?: readonly SentEvent[];
    }
  | { readonly kind: "skipped"; readonly message: string }
  | { readonly kind: "reschedule"; readonly afterMs: number }
  /** Goes on without a process once what the key names has happened. */
  | { readonly kind: "defer"; readonly wakeKey: string }
  /** Makes a run of another DAG with the commit of its own end. */
  | {
      readonly kind: "trigger";
      readonly dagId: string;
      /** Checked JSON text. */
      readonly params: string;
      /** ISO instant in the interval that the run is about; absent for a run without one. */
      readonly interval?: string;
    }
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
