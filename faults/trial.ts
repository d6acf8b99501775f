import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Query, sectionsOf } from "../packages/dag-core/src/store/sql.ts";
import { brokenInvariants } from "../test/helpers/invariants.ts";
import type { FaultRow, Harm } from "./fault-row.ts";
import type { Figures } from "./figures.ts";
import { capacity, type Scene } from "./scene.ts";
import { width } from "./workload.ts";

interface Counts {
  readonly doubled: number;
  readonly effects_missing: number;
  readonly ended_otherwise: number;
  readonly stuck: number;
  readonly tries_lost: number;
  readonly bystanders_lost: number;
  readonly tries_failed: number;
  readonly succeeded: number;
  readonly alerts_missing: number;
  readonly messages: number;
  readonly unanswered: number;
  readonly run_ids: readonly string[];
}
interface Recovered {
  readonly is_taken_over: boolean;
  readonly is_scheduling: boolean;
}

const queryNames = [
  "Mark",
  "ProcessesOf",
  "HasRecovered",
  "Now",
  "IsUnderWay",
  "IsQuiet",
  "Counts",
] as const;
type QueryName = (typeof queryNames)[number];

const queries = readQueries();
const pollMs = 50;
/** As many long tasks as there are slots, so that every process has its part of the work. */
const membersPerRun = width / capacity;
/** On a busy machine a shorter lease may be lost for no reason of the row. */
const sureLeaseMs = 10_000;

function readQueries(): Readonly<Record<QueryName, Query>> {
  const text = readFileSync(new URL("./sql/figures.sql", import.meta.url), "utf8");
  const found = sectionsOf(text).map((query) => [query.name, query] as const);
  return Object.fromEntries(found) as Record<QueryName, Query>;
}

/** Does the fault of a row to a scene that works, once, and says what became of the work. */
export async function tryRow(row: FaultRow, scene: Scene): Promise<Figures> {
  const trial = new Trial(row, scene);
  await trial.begin();
  await trial.inject();
  return trial.end();
}

/** One row under way. */
class Trial {
  readonly #row: FaultRow;
  readonly #scene: Scene;
  readonly #recoveries: number[] = [];
  readonly #schedulings: number[] = [];
  /** Processes of the operating system that were harmed. */
  readonly #victims = new Set<number>();
  #mark = "0";
  #messages = 0;

  constructor(row: FaultRow, scene: Scene) {
    this.#row = row;
    this.#scene = scene;
  }

  async begin(): Promise<void> {
    const { client, telegram } = this.#scene;
    this.#mark = (await this.#ask<{ mark: string }>("Mark"))?.mark ?? "0";
    this.#messages = telegram.messages.length;
    await client.unpauseDag("ticker");
  }

  async inject(): Promise<void> {
    const { client, members } = this.#scene;
    for (let n = 0; n < members.length; n += membersPerRun) await client.trigger("work");
    await client.trigger("fails");
    const question = { members: members.length };
    const isUnderWay = async () =>
      (await this.#ask<{ is_so: boolean }>("IsUnderWay", question))?.is_so;
    await this.#until(isUnderWay, "every process carries attempts");
    const harm = await this.#row.inject(this.#scene);
    for (const { process } of harm.victims ?? []) this.#victims.add(process.pid);
    await this.#recover(harm);
    await this.#row.restore?.(this.#scene);
  }

  async end(): Promise<Figures> {
    const { client } = this.#scene;
    // What is not quiet by then is counted as stuck, or as an alert that is missing.
    await this.#until(() => this.#isStill(), "everything has ended").catch(() => undefined);
    await client.pauseDag("ticker");
    const counts = await this.#ask<Counts>("Counts", {
      mark: this.#mark,
      victims: await this.#processIds(),
      failing: ["fails", ...(this.#row.failing ?? [])],
      cancelled: this.#row.cancelled ?? [],
    });
    if (!counts) throw new Error("The ledger gave no answer");
    return this.#figures(counts);
  }

  /** A paused DAG's runs do not go on, so the schedule ends between two of them. */
  async #isStill(): Promise<boolean> {
    const { client } = this.#scene;
    const isQuiet = async () => (await this.#ask<{ is_quiet: boolean }>("IsQuiet"))?.is_quiet;
    if (!(await isQuiet())) return false;
    await client.pauseDag("ticker");
    if (await isQuiet()) return true;
    await client.unpauseDag("ticker");
    return false;
  }

  async #figures(counts: Counts): Promise<Figures> {
    const { database, telegram, leaseMs } = this.#scene;
    const isSure = leaseMs >= sureLeaseMs && this.#row.loses === "victims";
    const messages = telegram.messages.length - this.#messages;
    return {
      fault: this.#row.name,
      injections: 1,
      triesLost: counts.tries_lost,
      isHarmless: this.#row.mustLose && counts.tries_lost === 0,
      duplicatedEffects: counts.doubled,
      lost: counts.effects_missing + counts.ended_otherwise,
      stuck: counts.stuck,
      alertsMissing: counts.alerts_missing,
      alertsDoubled: Math.max(0, messages - counts.messages - counts.unanswered),
      executionsTooMany: await this.#executionsTooMany(counts, isSure),
      bystandersLost: isSure ? counts.bystanders_lost : 0,
      recoverySeconds: this.#recoveries,
      schedulingSeconds: this.#schedulings,
      broken: await brokenInvariants(database),
    };
  }

  /** Each success took one execution, as did each failed try; a process that was killed took with it what it carried. */
  async #executionsTooMany(counts: Counts, isSure: boolean): Promise<number> {
    const runIds = new Set(counts.run_ids);
    const executions = (await this.#scene.executions()).filter((runId) => runIds.has(runId)).length;
    const cut = this.#victims.size * capacity;
    const mayBeRepeated = isSure ? Math.min(cut, counts.tries_lost) : counts.tries_lost;
    return Math.max(0, executions - counts.succeeded - counts.tries_failed - mayBeRepeated);
  }

  async #recover({ since = performance.now() }: Harm): Promise<void> {
    const { now } = await this.#patiently(() => this.#ask<{ now: Date }>("Now"));
    const victims = await this.#processIds();
    const seconds = () => (performance.now() - since) / 1_000;
    let hasScheduled = false;
    await this.#until(async () => {
      const found = await this.#ask<Recovered>("HasRecovered", { victims, since: now });
      if (found?.is_scheduling && !hasScheduled) this.#schedulings.push(seconds());
      hasScheduled ||= found?.is_scheduling ?? false;
      return hasScheduled && found?.is_taken_over;
    }, `the scene has recovered from "${this.#row.name}"`);
    this.#recoveries.push(seconds());
  }

  async #processIds(): Promise<readonly string[]> {
    const { database } = this.#scene;
    const rows = await database.many<{ process_id: string }>(queries.ProcessesOf, {
      pids: [...this.#victims],
    });
    return rows.map((row) => row.process_id);
  }

  #ask<Row>(name: QueryName, parameters: Readonly<Record<string, unknown>> = {}) {
    return this.#scene.database.one<Row>(queries[name], parameters);
  }

  async #patiently<T>(ask: () => Promise<T | undefined>): Promise<T> {
    let answer: T | undefined;
    await this.#until(async () => (answer = await ask()) !== undefined, "the database answers");
    if (answer === undefined) throw new Error("The database gave no answer");
    return answer;
  }

  /** Asks until it is so; a database that is away says "not yet". */
  async #until(question: () => Promise<boolean | undefined>, what: string): Promise<void> {
    const deadline = performance.now() + 30_000 + 4 * this.#scene.leaseMs;
    while (performance.now() < deadline) {
      if (await question().catch(() => false)) return;
      await sleep(pollMs);
    }
    throw new Error(`Not so in time: ${what}`);
  }
}
