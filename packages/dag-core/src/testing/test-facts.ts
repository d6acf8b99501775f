import { createHash, randomUUID } from "node:crypto";
import type { AttemptFacts } from "../context/task-context.ts";
import type { RunType } from "../definition/states.ts";
import type { Environment } from "../kernel/read-variable.ts";
import { connectionVariable } from "../kernel/connections.ts";
import { tidemillError } from "../kernel/errors.ts";
import { checkOutput, type JsonValue, outputError } from "../kernel/json.ts";
import { parseDate } from "../timetable/parse-date.ts";

/** What a test may say of the run, the try and the outside world. */
export interface TestRunOptions {
  /** The interval that the run is about; texts as in a DAG's `startDate`. Defaults to the day 2026-01-01. */
  readonly dataInterval?: { readonly start: Date | string; readonly end: Date | string };
  /** URIs by connection id. They win over the environment. */
  readonly connections?: Readonly<Record<string, string>>;
  /** Where `TIDEMILL_CONN_<ID>` is looked up. Defaults to `process.env`. */
  readonly env?: Environment;
  /** What earlier runs left in `ctx.state`. */
  readonly state?: Readonly<Record<string, JsonValue>>;
  /** Defaults to an id of its own, so that transactions of other tests are not taken for earlier tries. */
  readonly runId?: string;
  /** Defaults to `manual`. */
  readonly runType?: RunType;
  /** Defaults to 1. A second try of one `runId` gets what its transactions committed before. */
  readonly tryNumber?: number;
  /** How often the task was cleared. Defaults to 0. */
  readonly clearNumber?: number;
  /** Aborts the task's `signal`. */
  readonly signal?: AbortSignal;
}

export const testInstallation = "test";

export function testEnvironment({ env, connections = {} }: TestRunOptions): Environment {
  const given = Object.entries(connections).map(([id, uri]) => [connectionVariable(id), uri]);
  return { ...(env ?? process.env), ...Object.fromEntries(given) };
}

/** @param timezone The zone of dates without an offset. */
export function testFacts(
  ids: Pick<AttemptFacts, "dagId" | "taskId" | "mapIndex">,
  options: TestRunOptions,
  timezone: string,
): AttemptFacts {
  const { dataInterval = { start: "2026-01-01", end: "2026-01-02" } } = options;
  const instant = (at: Date | string) =>
    (typeof at === "string" ? parseDate(at, timezone) : at).toISOString();
  const runId = options.runId ?? `test__${randomUUID()}`;
  return {
    ...ids,
    runId,
    runType: options.runType ?? "manual",
    tryNumber: options.tryNumber ?? 1,
    clearNumber: options.clearNumber ?? 0,
    handOff: 0,
    taskInstanceId: instanceId([ids.dagId, runId, ids.taskId, ids.mapIndex]),
    intervalStart: instant(dataInterval.start),
    intervalEnd: instant(dataInterval.end),
  };
}

/** A number, as in the database; the same for each try of one task instance. */
function instanceId(key: readonly unknown[]): string {
  const digest = createHash("sha256").update(JSON.stringify(key)).digest();
  return String(digest.readUIntBE(0, 6));
}

export function readTestState({ state = {} }: TestRunOptions) {
  return async (key: string): Promise<string | undefined> =>
    Object.hasOwn(state, key) ? JSON.stringify(state[key]) : undefined;
}

/** A value as a task would get it from the database. */
export function stored(subject: string, value: unknown): JsonValue {
  const checked = checkOutput(value, { limitBytes: Number.POSITIVE_INFINITY });
  if ("json" in checked) return JSON.parse(checked.json) as JsonValue;
  throw outputError(subject, checked);
}

export function parsedState(state: Readonly<Record<string, string>> = {}) {
  return Object.fromEntries(
    Object.entries(state).map(([key, json]) => [key, JSON.parse(json) as JsonValue]),
  );
}

/** Refuses a name that is not one of those known, with the one that was probably meant. */
export function refuseUnknown(subject: string, names: readonly string[], known: readonly string[]) {
  const option = names.find((name) => !known.includes(name));
  if (option !== undefined)
    throw tidemillError("TIDEMILL_OPTION_UNKNOWN", { option, subject, known });
}
