import { createEngine, type Engine, loadConfig } from "@tidemill/dag-core/engine";
import { dagFolder, type DagFolder } from "./dag-folder.ts";
import { testDatabase, type TestDatabase } from "./database.ts";

export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly db: TestDatabase;
  readonly folder: DagFolder;
}

export interface TestEngineOptions {
  /** DAG files by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly schedules?: boolean;
}

/**
 * A running scheduler in this process, on a database and a folder of its own; stopped at the end of its
 * `await using` block.
 */
export async function testEngine(options: TestEngineOptions): Promise<TestEngine> {
  const db = await testDatabase();
  const folder = await dagFolder(options.files);
  const engine = createEngine({
    config: engineConfig(db.url, folder.path, options.env),
    role: "scheduler",
    schedules: options.schedules ?? false,
  });
  await engine.start();
  const dispose = async () => {
    await engine.stop();
    await db.drop();
    await folder[Symbol.asyncDispose]();
  };
  return { engine, db, folder, [Symbol.asyncDispose]: dispose };
}

/** Settings of an engine in a test: short periods, so that a test waits for events and not for clocks. */
export function engineConfig(
  databaseUrl: string,
  dagsFolder: string,
  env: Readonly<Record<string, string>> = {},
) {
  return loadConfig({
    env: {
      TIDEMILL_DATABASE_URL: databaseUrl,
      TIDEMILL_DAGS_FOLDER: dagsFolder,
      TIDEMILL_RUNNERS: "1",
      TIDEMILL_TICK: "200ms",
      TIDEMILL_ALERT_GRACE: "50ms",
      ...env,
    },
  });
}

/** A DAG file with a body of task declarations. */
export function dagText(dagId: string, body: string, options = "schedule: null"): string {
  return `import { dag, FailTask, RetryTask, SkipTask } from DAG_CORE;
export default dag("${dagId}", { startDate: "2026-01-01", ${options} }, ({ task, branch, each, sensor, group }) => {
${body}
});
`;
}
