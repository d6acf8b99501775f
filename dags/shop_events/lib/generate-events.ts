import type { TaskContext } from "@tidemill/dag-core";
import { ensureTopic, kafkaProduce } from "@tidemill/tasks/kafka";
import { events, shopEvents } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { topic } from "./consume-and-save.ts";
import { liveSources } from "./generator/live-sources.ts";
import { type Audience, produceBatch } from "./generator/produce-batch.ts";
import type { ScaleName } from "./generator/scales.ts";
import { syntheticSources } from "./generator/sources.ts";
import { loggedLoad } from "./logged-load.ts";
import { runSqlFile } from "./sql-file.ts";

export interface GenerateOptions {
  readonly scale: ScaleName;
  /** Defaults to the pass after the last one; at scale `minute`, to the number of the minute. */
  readonly pass?: number | undefined;
  readonly seed: number;
  /** The day after the last one of the pass, `YYYY-MM-DD`. Defaults to that of the interval's end. */
  readonly today?: string | undefined;
}

interface GeneratorRow {
  readonly last_pass: number;
  readonly active: readonly string[];
  readonly churned: readonly string[];
}

export interface GeneratorState {
  readonly lastPass: number;
  readonly audience: Audience;
}

const minuteMs = 60_000;
const usersOfMinute = 1;
const eventsOfMinute = 2;

/** Who has been seen and who is gone, and how many passes of this scale there were. */
async function readGeneratorState(ctx: TaskContext, scale: ScaleName): Promise<GeneratorState> {
  const db = await ctx.open(shopEvents);
  const { rows } = await runSqlFile<GeneratorRow>(db, "transform/etl/read_generator.sql", {
    scale,
  });
  const [row] = rows;
  return {
    lastPass: row?.last_pass ?? 0,
    audience: {
      active: new Set((row?.active ?? []).map(Number)),
      churned: new Set((row?.churned ?? []).map(Number)),
    },
  };
}

interface Pass {
  readonly scale: ScaleName;
  readonly pass: number;
  readonly seed: number;
  readonly now: Date;
  readonly audience: Audience;
}

const writeGeneratorState = (ctx: TaskContext, pass: Pass, messages: number): Promise<null> =>
  ctx.transaction(shopEvents, "generator state", async (tx) => {
    await runSqlFile(tx, "transform/etl/generator_users.sql", {
      active: [...pass.audience.active],
      churned: [...pass.audience.churned],
    });
    // A pass of a minute has the minute as its number: there is nothing to remember.
    if (pass.scale === "minute") return null;
    await runSqlFile(tx, "transform/etl/generator_passes.sql", {
      scale: pass.scale,
      pass: pass.pass,
      seed: pass.seed,
      today: pass.now.toISOString().slice(0, 10),
      messages,
    });
    return null;
  });

const minuteOf = (now: Date): number => Math.floor(now.getTime() / minuteMs);

/**
 * Sends one pass of generated messages to the topic, which is created if it is not there.
 * The pass and its users are remembered after the last message, so that a pass cut short is sent again as it was.
 *
 * @throws TidemillError `TIDEMILL_CONNECTION_UNREACHABLE` when no broker answers.
 */
export const generateEvents = (ctx: TaskContext, options: GenerateOptions): Promise<LoadCounts> =>
  loggedLoad(ctx, async () => {
    const { scale, seed, today } = options;
    await ensureTopic(ctx, { on: events, topic, partitions: 3, retention: "7d" });
    const { lastPass, audience } = await readGeneratorState(ctx, scale);
    const now = today === undefined ? ctx.dataInterval.end : new Date(`${today}T00:00:00Z`);
    const isMinute = scale === "minute";
    const number = options.pass ?? (isMinute ? minuteOf(now) : lastPass + 1);
    const pass: Pass = { scale, pass: number, seed, now, audience };
    const { messages } = await kafkaProduce(ctx, {
      to: events,
      topic,
      messages: produceBatch({
        ...pass,
        // Volumes ask no service: they must be the same each time.
        sources: isMinute ? await liveSources(ctx) : syntheticSources,
        ...(isMinute && { users: usersOfMinute, eventsPerUser: eventsOfMinute }),
      }),
    });
    await writeGeneratorState(ctx, pass, messages);
    return allStored(messages);
  });
