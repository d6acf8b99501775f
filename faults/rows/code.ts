import type { FaultRow, Harm } from "../fault-row.ts";
import type { Scene } from "../scene.ts";
import { sql } from "../../test/helpers/factory.ts";
import { deployDag } from "../workload.ts";

const dagFile = "deploy.ts";

/** The DAG that is edited, removed and renamed while a run of it is under way. */
export const codeFiles = { [dagFile]: deployDag("deploy", ["first", "second", "last"]) };

/** Loads the newest code everywhere, as after a deployment. */
async function loadAnew(scene: Scene): Promise<void> {
  await Promise.all(scene.members.map(({ process }) => process.reload()));
}

/** Triggers a run and returns when its first task runs. */
async function underWay(scene: Scene): Promise<string> {
  const { runId } = await scene.client.trigger("deploy");
  await scene.isSo(
    `exists (select from task_instance join dag_run using (dag_run_id)
             where run_id = '${runId}' and task_id = 'first' and task_instance.state = 'running')`,
  );
  return runId;
}

function deployed(name: string, change: (scene: Scene) => Promise<Harm>): FaultRow {
  return {
    name,
    loses: "any",
    mustLose: false,
    inject: change,
    async restore(scene) {
      await scene.folder.write(dagFile, codeFiles[dagFile] ?? "");
      await loadAnew(scene);
    },
  };
}

/** Its graph stays that of its beginning: a task that the new code does not have is removed, and what needs it fails. */
const edited: FaultRow = {
  ...deployed("DAG edited while it runs", async (scene) => {
    const runId = await underWay(scene);
    await scene.folder.write(dagFile, deployDag("deploy", ["first", "last", "added"]));
    await loadAnew(scene);
    await scene.release(runId);
    await scene.ended("deploy", runId);
    await scene.isSo(
      `(select i.state = 'removed' from task_instance i join dag_run using (dag_run_id)
      where run_id = '${runId}' and task_id = 'second')`,
    );
    return {};
  }),
  failing: ["deploy"],
};

/** Its run waits for the code, holds no slot, and goes on when the code is back. */
const removed = deployed("DAG removed while it runs, then put back", async (scene) => {
  const runId = await underWay(scene);
  await scene.folder.remove(dagFile);
  await loadAnew(scene);
  await scene.release(runId);
  await scene.isSo(
    `exists (select from task_instance i join dag_run using (dag_run_id)
             where run_id = '${runId}' and i.state = 'up_for_reschedule')`,
  );
  await scene.folder.write(dagFile, codeFiles[dagFile] ?? "");
  await loadAnew(scene);
  await scene.ended("deploy", runId);
  return {};
});

/** The run of the old name can be cancelled; the new name works. */
const renamed: FaultRow = {
  ...deployed("DAG renamed while it runs", async (scene) => {
    const runId = await underWay(scene);
    await scene.folder.remove(dagFile);
    await scene.folder.write(
      "deploy_renamed.ts",
      deployDag("deploy_renamed", ["first", "second", "last"]),
    );
    await loadAnew(scene);
    await scene.client.cancelRun("deploy", runId);
    await scene.isSo("exists (select from dag where dag_id = 'deploy_renamed')");
    const other = await scene.client.trigger("deploy_renamed");
    await scene.release(other.runId);
    await scene.ended("deploy", runId);
    await scene.ended("deploy_renamed", other.runId);
    return {};
  }),
  cancelled: ["deploy"],
};

/** What a migration of a later version does to the tables that are in use. */
const migrated: FaultRow = {
  name: "migration while running",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    await scene.database.script(`
      begin;
      insert into migration (number, name, is_breaking) values (900001, '900001_later', false);
      alter table dag_run add column later text;
      alter table task_instance add column later text not null default '';
      alter table task_ready add column later integer;
      create index task_instance_later on task_instance (later);
      commit;`);
    return {};
  },
};

const newerSchema: FaultRow = {
  name: "older process against a newer schema",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    await sql(
      scene.database,
      "insert into migration (number, name, is_breaking) values (900002, '900002_breaks', true)",
    );
    for (const role of ["scheduler", "worker"] as const) await mustBeRefused(scene, role);
    return {};
  },
  restore: (scene) => sql(scene.database, "delete from migration where number = 900002"),
};

async function mustBeRefused(scene: Scene, role: "scheduler" | "worker"): Promise<void> {
  const refusal = await scene.start(role).then(
    () => "it started",
    (error: unknown) => String(error),
  );
  if (!refusal.includes("TIDEMILL_SCHEMA_TOO_NEW")) {
    throw new Error(`A ${role} was to refuse a schema of a later version: ${refusal}`);
  }
}

export const codeRows: readonly FaultRow[] = [edited, removed, renamed, migrated, newerSchema];
