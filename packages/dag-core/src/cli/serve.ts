import type { Engine } from "../engine/engine.ts";
import type { Config } from "../kernel/config.ts";
import { exitCodes } from "./exit-codes.ts";
import { note, type OutputOptions } from "./output.ts";
import { withSmallYoungGeneration } from "./young-generation.ts";

/** An engine in this process, with its log on standard error. */
export interface Served {
  readonly engine: Engine;
  /** Fulfilled by the first signal to stop; the second ends the process at once. */
  readonly stopAsked: Promise<void>;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly config: Config;
  readonly role: "scheduler" | "worker";
  readonly migrates?: boolean | undefined;
  readonly schedules?: boolean | undefined;
  readonly output: OutputOptions["output"];
}

/** Builds an engine that ends in order when it is told to: what runs is waited for, then handed back. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { config, role, migrates, schedules, output } = options;
  const { createEngine } = await withSmallYoungGeneration(() => import("../engine/engine.ts"));
  const { subscribeLogger } = await import("../kernel/logger.ts");
  const { createRedactor } = await import("../kernel/redact.ts");
  const engine = createEngine({
    config,
    role,
    ...(migrates !== undefined && { migrates }),
    ...(schedules !== undefined && { schedules }),
  });
  const isPretty = output !== "json" && process.stderr.isTTY;
  const log = subscribeLogger(engine.events, {
    level: config.logLevel,
    format: config.logFormat ?? (isPretty ? "pretty" : "json"),
    redactor: createRedactor(config.secrets()),
  });
  for (const warning of config.warnings) log.logger.warn(warning);
  const close = async () => {
    await engine.stop();
    await log.stop();
  };
  return { engine, stopAsked: stopSignal(), close };
}

function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signals = 0;
  const stop = () => {
    signals += 1;
    if (signals > 1) process.exit(exitCodes.failed);
    note("Stopping: waiting for what runs; a second signal ends at once");
    resolve();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return promise;
}
