import type { z } from "zod";
import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import { createBuilder, Declaration, refusePromise } from "./builder.ts";
import { checkDagOptionsOrThrow, dagManifest } from "./dag-manifest.ts";
import type { DagOptions } from "./dag-options.ts";
import type { DagManifest } from "./manifest.ts";
import type { TaskCode } from "./task-nodes.ts";
import type { DagBuilder } from "./task.ts";

/** Registered for the whole process, so that a DAG is known even where the package is loaded twice. */
const brand = Symbol.for("@tidemill/dag-core/dag");

/** A DAG: what it says, as JSON, and the functions of its tasks. Frozen. */
export interface Dag {
  readonly dagId: string;
  /** All that the scheduler knows of it. */
  readonly manifest: DagManifest;
  /** The schema of its params, if it has any. */
  readonly params: z.ZodType | undefined;
  /** The functions by task id, in order of declaration; only runners use them. */
  readonly tasks: ReadonlyMap<string, TaskCode>;
}

/**
 * Declares a DAG. The file that does so is called `<dagId>.ts` and exports it as its default.
 *
 * An edge exists because a later task names an earlier one in `inputs` (it reads its output) or `after` (it only
 * waits), so a cycle cannot be written and the order of declaration is a topological order.
 *
 * @param dagId 1 to 200 of `A-Z a-z 0-9 _ . ~ : + -`; the identity of the DAG in the database.
 * @param options When it runs and within which limits. `schedule` and `startDate` are required.
 * @param define Declares the tasks. It runs once, at import, and must not await.
 * @throws TidemillError `TIDEMILL_OPTION_UNKNOWN`, `TIDEMILL_OPTION_INVALID`, `TIDEMILL_ID_INVALID`,
 *   `TIDEMILL_TASK_DUPLICATE`, `TIDEMILL_EDGE_FOREIGN`, `TIDEMILL_DAG_EMPTY`, `TIDEMILL_DAG_ASYNC`,
 *   `TIDEMILL_SCHEDULE_INVALID`, `TIDEMILL_DATE_INVALID`, `TIDEMILL_TIMEZONE_UNKNOWN`.
 * @example
 * export default dag("orders_daily", { schedule: "@daily", startDate: "2026-01-01" }, ({ task }) => {
 *   const orders = task("extract", { retries: 3, run: async ({ dataInterval }) => fetchOrders(dataInterval) });
 *   task("report", { inputs: { orders }, run: ({ inputs, log }) => log.info("orders", { n: inputs.orders.length }) });
 * });
 */
export function dag<S extends z.ZodType = z.ZodType<{}>>(
  dagId: string,
  options: DagOptions<S>,
  define: (builder: DagBuilder<z.output<S>>) => void,
): Dag {
  checkIdOrThrow("DAG", dagId);
  checkDagOptionsOrThrow(dagId, options);
  if (typeof define !== "function") {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `DAG "${dagId}"`,
      problem: "has no function that declares its tasks",
      remedy: "write ({ task }) => { ... } as the third argument",
    });
  }
  const declaration = new Declaration(dagId, options.defaults ?? {});
  const result: unknown = define(createBuilder<z.output<S>>(declaration, dagId));
  refusePromise(result, `DAG "${dagId}"`);
  const { manifests, codes } = declaration.close();
  const made = {
    dagId,
    manifest: deepFreeze(dagManifest(dagId, options, manifests)),
    params: options.params,
    tasks: freezeMap(codes),
  };
  Object.defineProperty(made, brand, { value: true });
  return Object.freeze(made);
}

/** Whether a value was made by {@link dag}. */
export function isDag(value: unknown): value is Dag {
  return typeof value === "object" && value !== null && brand in value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** `Object.freeze` does not reach the entries of a map, so its writers are taken away. */
function freezeMap(codes: Map<string, TaskCode>): ReadonlyMap<string, TaskCode> {
  codes.forEach((code) => Object.freeze(code));
  return Object.freeze(
    Object.assign(codes, { set: undefined, delete: undefined, clear: undefined }),
  ) as unknown as ReadonlyMap<string, TaskCode>;
}
