import { parseArgs } from "node:util";
import { createEngine, EventBus, loadConfig } from "@tidemill/dag-core/engine";
import { createClient } from "@tidemill/dag-core/client";
import { startStack } from "@tidemill/local";
import { firstPass, type RunResult } from "./first-pass.ts";
import { type Pipeline, pipelines, type Summary } from "./pipelines.ts";
import { printRun, printSummary, say } from "./report.ts";

const help = `Usage: npm start -- [options]

Starts PostgreSQL, Kafka, ClickHouse and the scheduler, runs a first pass of the pipeline, shows what is in the
tables, and goes on by the schedules until stopped.

  --once             stop after the first pass: exit code 0, or 1 with the reason
  --fresh            drop the data of earlier starts first
  --output json      print the result as one JSON object (use npm start --silent for nothing else)
  --help

Example: npm start -- --once --output json
`;

interface Options {
  readonly once: boolean;
  readonly fresh: boolean;
  readonly json: boolean;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      output: { type: "string", default: "table" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (!["table", "json"].includes(values.output)) {
    throw new Error(`--output "${values.output}" is not known; use table or json`);
  }
  return { once: values.once, fresh: values.fresh, json: values.output === "json" };
}

interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  readonly dags: Readonly<Record<string, RunResult["state"]>>;
  readonly rows: Summary["rows"];
  readonly reconciled: boolean;
  readonly problems: readonly string[];
}

function resultOf(
  pipeline: Pipeline,
  runs: readonly RunResult[],
  summary: Summary,
  seconds: number,
): Result {
  const failed = runs.find((run) => run.state !== "success");
  const why = failed
    ? [`${failed.dagId} ended as ${failed.state}: tidemill logs ${failed.dagId} ${failed.runId}`]
    : [];
  return {
    ok: runs.length === pipeline.pass.length && failed === undefined && summary.reconciled,
    seconds: Math.round(seconds * 10) / 10,
    dags: Object.fromEntries(runs.map((run) => [run.dagId, run.state])),
    rows: summary.rows,
    reconciled: summary.reconciled,
    problems: [...why, ...summary.problems],
  };
}

async function main(options: Options, stopped: AbortSignal): Promise<number> {
  const started = performance.now();
  const [pipeline] = pipelines;
  if (!pipeline) throw new Error("No pipeline is declared");
  const stack = await startStack({
    fresh: options.fresh,
    databases: pipelines.map(({ database }) => database),
    onProgress: say,
    signal: stopped,
  });
  const events = new EventBus();
  events.on("dag.import_failed", ({ file, error }) => say(`${file} cannot be imported: ${error}`));
  events.on("task_instance.failed", ({ dagId, taskId, error }) =>
    say(`${dagId}.${taskId} failed: ${error}`),
  );
  events.on("alert.logged", ({ text }) => say(`alert: ${text}`));
  const config = loadConfig();
  const engine = createEngine({ config, role: "scheduler", events, schedules: false });
  const client = createClient({ databaseUrl: stack.addresses.databaseUrl, actor: "npm start" });
  try {
    await engine.start();
    const runs = await firstPass({ pipeline, engine, client, onRun: printRun, signal: stopped });
    const summary = await pipeline.summary(stack.addresses.connections, stopped);
    const seconds = (performance.now() - started) / 1_000;
    const result = resultOf(pipeline, runs, summary, seconds);
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else printSummary(summary, result);
    if (!options.once) {
      await goOn(engine, events, stack.addresses.databaseUrl, stopped);
      return 0;
    }
    return result.ok ? 0 : 1;
  } finally {
    await client.close();
    await engine.stop();
    await stack.stop();
  }
}

/** Runs by the schedules until somebody stops it. */
async function goOn(
  engine: ReturnType<typeof createEngine>,
  events: EventBus,
  databaseUrl: string,
  stopped: AbortSignal,
): Promise<void> {
  const address = new URL(databaseUrl);
  say(`The schedules run now. Database ${address.host}${address.pathname}; Ctrl+C stops.`);
  say("In another terminal: npm run tidemill -- runs list   |   npm run tidemill -- trigger <dag>");
  events.on("dag_run.succeeded", ({ dagId, runId }) => say(`${dagId} ${runId} succeeded`));
  events.on("dag_run.failed", ({ dagId, runId }) => say(`${dagId} ${runId} failed`));
  engine.startSchedules();
  if (stopped.aborted) return;
  await new Promise<void>((resolve) => {
    stopped.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The first signal stops in order, the second at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130);
      say("Stopping; once more ends it at once ...");
      stop.abort(new Error("stopped"));
    });
  }
  return stop.signal;
}

try {
  const options = readOptions();
  if (options) process.exitCode = await main(options, stopSignal());
  else process.stdout.write(help);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof TypeError && "code" in error ? 2 : 1;
}
