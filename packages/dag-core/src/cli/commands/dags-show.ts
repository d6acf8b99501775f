import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import type { DagManifest } from "../../definition/manifest.ts";
import { leaf, wholeNumber } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { declaredTasksTable } from "../run-text.ts";
import { scheduleText } from "../schedule-text.ts";
import { type Session, withSession } from "../session.ts";
import { facts } from "../table.ts";

interface ShowFlags extends OutputOptions {
  readonly diff?: boolean;
  readonly numExecutions: number;
}

export function dagsShow(parent: Command): void {
  leaf(parent, "show <dag>", {
    does: "Show a DAG: its schedule, the schema of its params, its tasks; or what its file changes.",
    example: "tidemill dags show orders_daily --diff",
  })
    .option("-d, --diff", "what the DAG file on disk changes against the registered DAG")
    .option("-n, --num-executions <count>", "next runs to compare", wholeNumber(1, 100), 5)
    .action((dagId: string, flags: ShowFlags) =>
      withSession((session) =>
        flags.diff === true
          ? showDiff(session, dagId, flags)
          : showRegistered(session.client, dagId, flags),
      ),
    );
}

async function showRegistered({ readModel }: Client, dagId: string, flags: ShowFlags) {
  const dag = await readModel.dag(dagId);
  await show(flags, dag, async () => {
    const { manifest } = dag;
    const about = facts({
      dag: dag.dagId,
      file: dag.file,
      "import error": dag.importError,
      description: dag.description,
      owner: dag.owner,
      tags: dag.tags.join(", ") || undefined,
      schedule: scheduleText(dag.schedule, dag.timezone),
      catchup: manifest.catchup,
      "start date": manifest.startDate,
      paused: dag.isPaused,
      "next run": dag.nextRunAfter,
      "last run": dag.lastRunId && `${dag.lastRunId} (${dag.lastState})`,
      "max active runs": manifest.maxActiveRuns,
      "intervals in a run of a backfill": manifest.backfill?.maxBatch,
      params: JSON.stringify(manifest.paramsSchema),
    });
    return `${about}\n\n${await declaredTasksTable(manifest)}`;
  });
}

async function showDiff({ client, config }: Session, dagId: string, flags: ShowFlags) {
  const { askUserCode } = await import("../user-code/ask.ts");
  const { diffText } = await import("../diff-text.ts");
  const request = { type: "manifest", folder: config.dagsFolder, dagId } as const;
  const manifest = await askUserCode<DagManifest>(config, request);
  const diff = await client.readModel.dagDiff(manifest, { count: flags.numExecutions });
  await show(flags, diff, () => diffText(diff));
}
