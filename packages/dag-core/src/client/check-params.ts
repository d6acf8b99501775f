import { checkParams, describeParamProblems } from "../definition/params.ts";
import type { DagManifest } from "../definition/manifest.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { JsonValue } from "../kernel/json.ts";

/**
 * Params as they are stored, checked by the schema of the manifest; the runner fills in defaults.
 *
 * @throws TidemillError `TIDEMILL_PARAMS_INVALID`
 */
export function checkedParamsOrThrow(manifest: DagManifest, params: JsonValue = {}): JsonValue {
  const problems = checkParams(manifest.paramsSchema, params);
  if (problems.length === 0) return params;
  const details = { dagId: manifest.dagId, problem: describeParamProblems(problems) };
  throw tidemillError("TIDEMILL_PARAMS_INVALID", details);
}
