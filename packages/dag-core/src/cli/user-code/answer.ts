import { checkDags } from "../../registry/check.ts";
import { findDagFiles, loadDagFile } from "../../registry/load.ts";
import type { DagFileError, Registry } from "../../registry/registry.ts";
import type { Dag } from "../../definition/dag.ts";
import { fileInvalid } from "../../registry/load.ts";
import { connectionsOf, testConnection } from "./connections.ts";
import type { CheckResult, ListedConnection, Tell, UserRequest } from "./messages.ts";
import { testDag, testTask } from "./test-run.ts";

/** Does what was asked; this process imports the project's code. */
export async function answer(request: UserRequest, tell: Tell): Promise<unknown> {
  switch (request.type) {
    case "check":
      return check(request, tell);
    case "connections": {
      const refs = await connectionsOf(request.folder, tell);
      return refs.map(({ connectionId, system }): ListedConnection => ({ connectionId, system }));
    }
    case "connection_test":
      return testConnection(request, tell);
    case "task_test":
      return testTask(request, tell);
    case "dag_test":
      return testDag(request, tell);
  }
}

async function check(
  { folder, skip, pools }: Extract<UserRequest, { type: "check" }>,
  tell: Tell,
): Promise<CheckResult> {
  const files = (await findDagFiles(folder)).filter((file) => !skip.includes(file));
  const registry = await loadFiles(files, tell);
  await tell({ type: "loaded" });
  const known = pools === undefined ? {} : { pools: new Map(Object.entries(pools)) };
  return { dags: [...registry.dags.keys()], problems: checkDags(registry, known) };
}

/** As `loadRegistry`, telling each file before it is imported. */
async function loadFiles(found: readonly string[], tell: Tell): Promise<Registry> {
  const dags = new Map<string, Dag>();
  const files = new Map<string, string>();
  const errors: DagFileError[] = [];
  for (const file of found) {
    await tell({ type: "importing", file });
    const loaded = await loadDagFile(file);
    if ("error" in loaded) {
      errors.push({ file, error: loaded.error });
      continue;
    }
    const { dagId } = loaded.dag;
    const other = files.get(dagId);
    if (other !== undefined) {
      const problem = `declares DAG "${dagId}", which "${other}" declares too`;
      errors.push({ file, error: fileInvalid(file, problem, "rename one DAG and its file") });
      continue;
    }
    dags.set(dagId, loaded.dag);
    files.set(dagId, file);
  }
  return { dags, files, errors };
}
