import { createClient } from "@tidemill/dag-core/client";
import { createEngine, type Engine, EventBus, loadConfig } from "@tidemill/dag-core/engine";
import { type StackAddresses, startStack } from "@tidemill/local";
import { firstPass, type FirstPassOptions } from "./first-pass.ts";
import { helpOf, OptionError, type Options, readOptions } from "./options.ts";
import { dagsFolderOf, pipelines } from "./pipelines/index.ts";
import { printRun, printSummary, say, tellEndsOf, tellOf } from "./report.ts";
import { topicsOf, useFreshTopics } from "./stand-in.ts";
import { combined, type Result, resultOf } from "./result.ts";
import { startServices, type ServiceStarts } from "./services/start-services.ts";

async function main(options: Options, stopped: AbortSignal): Promise<number> {
  await using _services = await startServices(
    Object.assign({}, ...pipelines.map(({ services }) => services)) as ServiceStarts,
  );
  const stack = await startStack({
    fresh: options.fresh,
    databases: pipelines.map(({ database }) => database),
    topics: topicsOf(),
    onProgress: say,
    signal: stopped,
  });
  try {
    useFreshTopics(stack);
    return await runPipelines(options, stack.addresses, stopped);
  } finally {
    await stack.stop();
  }
}

async function runPipelines(
  options: Options,
  { databaseUrl, connections }: StackAddresses,
  stopped: AbortSignal,
): Promise<number> {
  const events = new EventBus();
  tellOf(events);
  const engine = createEngine({
    config: loadConfig({
      overrides: { dagsFolder: dagsFolderOf(options.pipelines, loadConfig().dagsFolder) },
    }),
    role: "scheduler",
    events,
    schedules: false,
  });
  const client = createClient({ databaseUrl, actor: "npm start" });
  try {
    await engine.start();
    const results: Record<string, Result> = {};
    for (const pipeline of options.pipelines) {
      const run = { pipeline, client, onRun: printRun, signal: stopped };
      results[pipeline.name] = await pass(run, options, connections);
    }
    if (options.json) process.stdout.write(`${JSON.stringify(combined(results))}\n`);
    if (!options.once) return await goOn(engine, databaseUrl, stopped);
    return Object.values(results).every((result) => result.ok) ? 0 : 1;
  } finally {
    await client.close();
    await engine.stop();
  }
}

async function pass(
  options: FirstPassOptions,
  { json }: Options,
  connections: Readonly<Record<string, string>>,
): Promise<Result> {
  const started = performance.now();
  const runs = await firstPass(options);
  const summary = await options.pipeline.summary(connections, options.signal);
  const seconds = (performance.now() - started) / 1_000;
  const result = resultOf(options.pipeline, runs, summary, seconds);
  if (!json) printSummary(summary, result);
  return result;
}

/** Runs by the schedules until somebody stops it. */
async function goOn(engine: Engine, databaseUrl: string, stopped: AbortSignal): Promise<number> {
  const address = new URL(databaseUrl);
  say(`The schedules run now. Database ${address.host}${address.pathname}; Ctrl+C stops.`);
  say("In another terminal: npm run tidemill -- runs list   |   npm run tidemill -- trigger <dag>");
  tellEndsOf(engine.events);
  engine.startSchedules();
  if (!stopped.aborted) {
    await new Promise<void>((resolve) => {
      stopped.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  return 0;
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
  const options = readOptions(pipelines);
  if (options) process.exitCode = await main(options, stopSignal());
  else process.stdout.write(helpOf(pipelines));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof OptionError ? 2 : 1;
}
