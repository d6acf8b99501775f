import { longestTimerMs } from "../../kernel/duration.ts";
import { checkDags } from "../../registry/check.ts";
import { findDagFiles, loadDagFile } from "../../registry/load.ts";
import { loadFiles } from "../../registry/registry.ts";
import { connectionsOf, testConnection } from "./connections.ts";
import type { CheckResult, ListedConnection, Tell, UserRequest } from "./messages.ts";
import { loadDag, testDag, testTask } from "./test-run.ts";

/** The longest delay that a timer of Node takes. */

/** Does what was asked; this process imports the project's code. */
export async function answer(request: UserRequest, tell: Tell): Promise<unknown> {
  switch (request.type) {
    case "check":
      return check(request, tell);
    case "manifest":
      return (await loadDag(request, tell)).manifest;
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
  const registry = await loadFiles(files, async (file) => {
    await tell({ type: "importing", file });
    // Whoever asked keeps the time: an import that is left here may still get in the way of the others.
    return loadDagFile(file, { timeoutMs: longestTimerMs });
  });
  await tell({ type: "loaded" });
  const known = pools === undefined ? {} : { pools: new Map(Object.entries(pools)) };
  return { dags: [...registry.dags.keys()], problems: checkDags(registry, known) };
}
