import type { Command } from "commander";
import type { Client } from "../../client/create-client.ts";
import type { Triggered } from "../../client/trigger.ts";
import { tidemillError } from "../../kernel/errors.ts";
import { durationOption, type TopLeaf, leaf, whyOption } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { note, type OutputOptions, show } from "../output.ts";
import { noteIfNoScheduler, type Session, withSession } from "../session.ts";

interface TriggerFlags extends OutputOptions {
  readonly params?: string;
  readonly interval?: string;
  readonly runId?: string;
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly why?: string;
}

export function trigger(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about)
    .option("-p, --params <json>", "params of the run as a JSON object, or @file")
    .option("-i, --interval <date>", "the interval of this date, in the DAG's zone")
    .option("-r, --run-id <id>", "an id of your own")
    .option("-w, --wait", "wait for the end; the exit code is 0 if the run succeeded, else 1")
    .option("--timeout <duration>", "stop waiting after this time; the run goes on", durationOption)
    .option(...whyOption)
    .action((dagId: string, flags: TriggerFlags) =>
      withSession((session) => run(session, dagId, flags)),
    );
}

async function run(session: Session, dagId: string, flags: TriggerFlags): Promise<void> {
  if (flags.timeout !== undefined && flags.wait !== true)
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: "--timeout",
      problem: "says how long to wait, and nothing is waited for",
      remedy: "add --wait, or leave it out",
    });
  const { client } = session;
  const { readParams } = await import("../read-params.ts");
  const { interval, runId, why } = flags;
  const params = readParams(flags.params);
  const made = await client.trigger(dagId, { params, interval, runId, why });
  if (made.isPaused) note(tidemillError("TIDEMILL_DAG_PAUSED", { dagId }).message);
  await noteIfNoScheduler(session, "the run starts");
  if (flags.wait === true) return waitFor(client, made, flags);
  const { dataInterval } = made;
  const span = `${dataInterval.start.toISOString()} to ${dataInterval.end.toISOString()}`;
  await show(flags, made, () => `Run ${made.runId} of ${dagId} is queued; data interval ${span}`);
}

async function waitFor(client: Client, made: Triggered, flags: TriggerFlags): Promise<void> {
  const { noteFailures, watchRun } = await import("../watch-run.ts");
  const { dagId, runId } = made;
  const isQuiet = flags.output === "json";
  if (!isQuiet) note(`Run ${runId} of ${dagId} is queued`);
  const run = await watchRun(client, { dagId, runId, timeoutMs: flags.timeout, isQuiet });
  if (run.state !== "success") process.exitCode = exitCodes.failed;
  const { runText } = await import("../run-text.ts");
  await show(flags, run, () => runText(run));
  noteFailures(run);
}
