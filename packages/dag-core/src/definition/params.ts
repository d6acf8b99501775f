import { createRequire } from "node:module";
import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { z } from "zod";
import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";
import { nearest } from "../kernel/nearest.ts";
import type { DagManifest } from "./manifest.ts";
import { optionInvalid } from "./option-rules.ts";

export interface ParamProblem {
  /** Name of the param, for a part of it `region.code`; empty for the params as a whole. */
  readonly path: string;
  readonly problem: string;
}
export type ParsedParams =
  { readonly params: unknown } | { readonly problems: readonly ParamProblem[] };

/**
 * The JSON Schema of the params that a person may give.
 * A name that an object does not declare is refused, since a run with a misspelt param would do the wrong work;
 * `z.looseObject` allows others.
 *
 * @throws TidemillError `TIDEMILL_OPTION_INVALID` when a part has no JSON form, for example `z.date()`.
 */
export function paramsSchema(subject: string, schema: z.ZodType | undefined): JsonValue {
  const json = toJsonSchema(subject, schema ?? z.object({}));
  if ("anyOf" in json || "oneOf" in json || "allOf" in json) return json;
  if (json.type !== "object") {
    const problem = "is not an object schema";
    throw optionInvalid(subject, "params", problem, "write z.object({ name: z.string() })");
  }
  return { additionalProperties: false, ...json };
}

function toJsonSchema(subject: string, schema: z.ZodType): Readonly<Record<string, JsonValue>> {
  try {
    const { "~standard": _own, ...json } = z.toJSONSchema(schema, { io: "input" });
    return JSON.parse(JSON.stringify(json)) as Record<string, JsonValue>;
  } catch (error) {
    const problem = `has no JSON Schema (${error instanceof Error ? error.message : String(error)})`;
    throw optionInvalid(subject, "params", problem, "use only what JSON can carry");
  }
}

let validators: Ajv2020 | undefined;

/** Loaded by the first who checks params: a scheduler and its runners start without, and so an eighth sooner. */
function validatorsOnce(): Ajv2020 {
  if (validators) return validators;
  const ajv = createRequire(import.meta.url)("ajv/dist/2020.js") as {
    readonly Ajv2020: typeof Ajv2020;
  };
  validators = new ajv.Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  return validators;
}

/**
 * Checks params by the schema in a manifest, without the code of the DAG.
 *
 * @returns What does not fit; an empty list if all does.
 * @example checkParams(manifest.paramsSchema, { regoin: "us" })
 * // [{ path: "regoin", problem: 'is not a param, did you mean "region"?' }]
 */
export function checkParams(schema: JsonValue, params: unknown): readonly ParamProblem[] {
  const validate = validatorOf(schema);
  return !validate || validate(params)
    ? []
    : (validate.errors ?? []).map((error) => explained(error, schema));
}

/** Validators by the text of their schema: each trigger reads the manifest anew, and to compile takes a millisecond. */
const compiledOnes = new Map<string, ValidateFunction | undefined>();
const maxCompiled = 1_000;

function validatorOf(schema: JsonValue): ValidateFunction | undefined {
  const text = JSON.stringify(schema);
  if (compiledOnes.has(text)) return compiledOnes.get(text);
  if (compiledOnes.size >= maxCompiled) compiledOnes.clear();
  const validator = compiled(schema);
  compiledOnes.set(text, validator);
  return validator;
}

/** A pattern may need flags that JSON Schema has no place for; then zod alone judges, when the run starts. */
function compiled(schema: JsonValue): ValidateFunction | undefined {
  try {
    return validatorsOnce().compile(schema as object);
  } catch {
    return undefined;
  } finally {
    validatorsOnce().removeSchema(schema as object);
  }
}

/**
 * Params as they are stored, checked by the schema of the manifest; the runner fills in defaults.
 *
 * @throws TidemillError `TIDEMILL_PARAMS_INVALID`
 */
export function checkedParamsOrThrow(
  { dagId, paramsSchema }: Pick<DagManifest, "dagId" | "paramsSchema">,
  params: JsonValue = {},
): JsonValue {
  const problems = checkParams(paramsSchema, params);
  if (problems.length === 0) return params;
  const problem = describeParamProblems(problems);
  throw tidemillError("TIDEMILL_PARAMS_INVALID", { dagId, problem });
}

/** The problems as one line: `region must be one of eu, us; limit is missing`. */
export function describeParamProblems(problems: readonly ParamProblem[]): string {
  return problems.map(({ path, problem }) => `${path || "params"} ${problem}`).join("; ");
}

/**
 * Parses params by the DAG's own schema: fills in defaults, runs refinements and transforms.
 *
 * @example await parseParams(z.object({ region: z.string().default("eu") }), {}) // { params: { region: "eu" } }
 */
export async function parseParams(
  schema: z.ZodType | undefined,
  params: unknown,
): Promise<ParsedParams> {
  const parsed = await (schema ?? z.looseObject({})).safeParseAsync(params);
  return parsed.success ? { params: parsed.data } : { problems: zodProblems(parsed.error) };
}

/** What keeps a run without params from starting, as far as that can be told at once. */
export function defaultParamProblems(schema: z.ZodType | undefined): readonly ParamProblem[] {
  if (!schema) return [];
  try {
    const parsed = schema.safeParse({});
    return parsed.success ? [] : zodProblems(parsed.error);
  } catch {
    // A schema with asynchronous parts, or one whose refinements throw, is judged when the run starts.
    return [];
  }
}

function zodProblems(error: z.ZodError): ParamProblem[] {
  return error.issues.map((issue) => ({
    path: issue.path.map(String).join("."),
    problem: `is refused: ${issue.message}`,
  }));
}

function explained(error: ErrorObject, schema: JsonValue): ParamProblem {
  const at = error.instancePath.split("/").slice(1).map(unescapePointer);
  const details = error.params as Readonly<Record<string, unknown>>;
  const inside = (name: unknown) => [...at, String(name)].join(".");
  switch (error.keyword) {
    case "required":
      return { path: inside(details.missingProperty), problem: "is missing" };
    case "additionalProperties": {
      const name = String(details.additionalProperty);
      return { path: inside(name), problem: `is not a param${didYouMean(name, at, schema)}` };
    }
    case "enum": {
      const allowed = (details.allowedValues as readonly unknown[]).map(String).join(", ");
      return { path: at.join("."), problem: `must be one of ${allowed}` };
    }
    default:
      return { path: at.join("."), problem: error.message ?? `breaks "${error.keyword}"` };
  }
}

const unescapePointer = (part: string) => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** Only for names at the top: deeper ones may sit behind unions, where no list of names is right. */
function didYouMean(name: string, at: readonly string[], schema: JsonValue): string {
  if (at.length > 0) return "";
  const known = Object.keys(Object(Object(schema).properties));
  const near = nearest(name, known);
  return near === undefined ? "" : `, did you mean "${near}"?`;
}
