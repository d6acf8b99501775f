import type { CheckProblem } from "../../registry/check.ts";
import type { JsonValue } from "../../kernel/json.ts";

/** What a command wants of the project's own code, which only runs in a process that may be ended. */
export type UserRequest =
  | {
      readonly type: "check";
      readonly folder: string;
      /** Files that did not finish loading before. */
      readonly skip: readonly string[];
      readonly pools?: Readonly<Record<string, number>> | undefined;
    }
  | { readonly type: "manifest"; readonly folder: string; readonly dagId: string }
  | { readonly type: "connections"; readonly folder: string }
  | { readonly type: "connection_test"; readonly folder: string; readonly connectionId: string }
  | (RunRequest & {
      readonly type: "task_test";
      readonly taskId: string;
      readonly inputs?: JsonValue | undefined;
      /** Kind `each`: the item. */
      readonly item?: JsonValue | undefined;
      readonly mapIndex?: number | undefined;
    })
  | (RunRequest & {
      readonly type: "dag_test";
      /** Defaults to a new one each time. */
      readonly runId?: string | undefined;
      /** Payloads of the events that it gets, by name. */
      readonly events?: Readonly<Record<string, JsonValue>> | undefined;
    });

export interface RunRequest {
  readonly folder: string;
  readonly dagId: string;
  readonly params?: JsonValue | undefined;
  /** A date in the DAG's zone. */
  readonly interval?: string | undefined;
}

/** What it tells. */
export type UserMessage =
  /** Known to be sent before the import begins, so that one that hangs has a name. */
  | { readonly type: "importing"; readonly file: string }
  /** All that had to be imported is. */
  | { readonly type: "loaded" }
  | { readonly type: "progress"; readonly text: string }
  | { readonly type: "result"; readonly value: unknown }
  | { readonly type: "error"; readonly code: string; readonly message: string };

/** Fulfilled when the message has left the process. */
export type Tell = (message: UserMessage) => Promise<void>;

export interface CheckResult {
  readonly dags: readonly string[];
  readonly problems: readonly CheckProblem[];
}

export interface ListedConnection {
  readonly connectionId: string;
  readonly system: string;
}

export interface ConnectionTested {
  readonly connectionId: string;
  readonly system: string;
  readonly version: string;
  readonly ms: number;
}

/** How one task ended that was run in the foreground. */
export interface TaskTested {
  readonly taskId: string;
  readonly mapIndex: number;
  readonly state: string;
  readonly tries: number;
  readonly output: unknown;
  readonly error?: string | undefined;
  /** Time until a run would try or ask again, in milliseconds. */
  readonly afterMs?: number | undefined;
  readonly ms: number;
}

export interface DagTested {
  readonly dagId: string;
  readonly state: "success" | "failed";
  readonly tasks: readonly TaskTested[];
}
