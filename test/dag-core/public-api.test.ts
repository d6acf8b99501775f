import { readFile } from "node:fs/promises";
import { expect, test } from "@jest/globals";

const byText = (a: string, b: string) => (a < b ? -1 : 1);
const sources = new URL("../../packages/dag-core/src/", import.meta.url);

/** Names that an entry point exports, types among them, as its text lists them. */
async function exportedNames(entry: string): Promise<string[]> {
  const text = await readFile(new URL(entry, sources), "utf8");
  const statements = [...text.matchAll(/export (?:type )?\{([^}]*)\} from/g)];
  const names = statements.flatMap((match) => (match[1] ?? "").split(","));
  return names
    .map((name) => name.trim().replace(/^type /, ""))
    .filter(Boolean)
    .sort(byText);
}

test('"." exports what authors need and nothing else', async () => {
  expect(await exportedNames("index.ts")).toEqual(
    [
      "Asset",
      "AssetEvent",
      "AssetSchedule",
      "BranchCase",
      "BranchOptions",
      "BranchRef",
      "Chosen",
      "ConnectionRef",
      "CronSchedule",
      "Dag",
      "DagBuilder",
      "DagOptions",
      "DataInterval",
      "Duration",
      "EachOptions",
      "ExecutionOptions",
      "FailTask",
      "InputValues",
      "Inputs",
      "JsonResult",
      "JsonShape",
      "JsonValue",
      "MarkerTransaction",
      "OtherRun",
      "OutputOf",
      "ParameterizedSql",
      "RetryTask",
      "RunWaitOptions",
      "Schedule",
      "SendEventOptions",
      "SensorOptions",
      "SetupRef",
      "ShortCircuitOptions",
      "SkipTask",
      "TaskContext",
      "TaskDefaults",
      "TaskLog",
      "TaskOptions",
      "TaskRef",
      "TaskState",
      "TeardownOptions",
      "TidemillError",
      "TidemillErrorCode",
      "Transactional",
      "TransactionOf",
      "TriggerDagOptions",
      "TriggerRule",
      "TypeProblem",
      "WaitForEventOptions",
      "WaitForRunOptions",
      "asset",
      "connectionVariable",
      "dag",
      "durationMs",
      "parseNamedParameters",
      "tidemillError",
    ].sort(byText),
  );
});

test('"." is what its text says at run time too', async () => {
  expect(Object.keys(await import("@tidemill/dag-core")).sort(byText)).toEqual([
    "FailTask",
    "RetryTask",
    "SkipTask",
    "TidemillError",
    "asset",
    "connectionVariable",
    "dag",
    "durationMs",
    "parseNamedParameters",
    "tidemillError",
  ]);
});

test('"./testing" exports what tests of DAGs need and nothing else', async () => {
  expect(await exportedNames("testing/index.ts")).toEqual(
    [
      "AttemptError",
      "CheckDagsOptions",
      "CheckProblem",
      "DagFileError",
      "LoadDagFileOptions",
      "Registry",
      "RunTaskOptions",
      "SimulateOptions",
      "SimulatedAlert",
      "SimulatedAttempt",
      "SimulatedEvent",
      "SimulatedGap",
      "SimulatedResult",
      "SimulatedRun",
      "SimulatedTaskInstance",
      "SimulatedTry",
      "SimulatedWait",
      "SimulationLog",
      "TaskLogLine",
      "TaskResult",
      "TestContext",
      "TestContextOptions",
      "TestRunOptions",
      "checkDags",
      "loadRegistry",
      "runTask",
      "simulate",
      "testContext",
    ].sort(byText),
  );
  expect(Object.keys(await import("@tidemill/dag-core/testing")).sort(byText)).toEqual([
    "checkDags",
    "loadRegistry",
    "runTask",
    "simulate",
    "testContext",
  ]);
});
