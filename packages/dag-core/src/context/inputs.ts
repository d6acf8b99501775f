import type { TaskManifest } from "../definition/manifest.ts";
import type { TaskCode } from "../definition/task-nodes.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";

/**
 * The inputs of an attempt by name, each parsed by the `output` schema of the task that it comes from, if it has one.
 * An upstream that produced nothing is undefined.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when a stored output does not fit that schema any more.
 */
export async function readInputs(
  task: TaskManifest,
  codes: ReadonlyMap<string, TaskCode>,
  stored: Readonly<Record<string, JsonValue>>,
): Promise<Readonly<Record<string, unknown>>> {
  const names = new Set([...Object.keys(task.inputs), ...Object.keys(stored)]);
  const read = [...names].map(async (name) => {
    const upstream = task.inputs[name] ?? "";
    return [name, await parseOutput(upstream, codes.get(upstream), stored[name])] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

async function parseOutput(
  upstream: string,
  code: TaskCode | undefined,
  value: JsonValue | undefined,
): Promise<unknown> {
  if (code?.output === undefined || value === undefined) return value;
  const parse = async (output: JsonValue) => parseOrThrow(upstream, code.output, output);
  if (code.kind !== "each" || !Array.isArray(value)) return parse(value);
  // A mapped task's outputs arrive as one list, with null for an instance that produced nothing.
  const parseItem = async (item: JsonValue) => (item === null ? null : parse(item));
  return Promise.all(value.map(parseItem));
}

async function parseOrThrow(
  upstream: string,
  schema: TaskCode["output"],
  value: JsonValue,
): Promise<unknown> {
  const parsed = await schema?.safeParseAsync(value);
  if (!parsed) return value;
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((i) => `${i.path.join(".") || "output"}: ${i.message}`);
  throw tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The stored output of task "${upstream}"`,
    problem: `does not fit its schema (${issues.join("; ")})`,
    remedy: "clear that task so that it runs again, or change the schema",
  });
}
