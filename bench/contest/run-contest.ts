import { randomBytes } from "node:crypto";
import pg from "pg";
import { withOwnStack } from "../own-stack.ts";
import { type Contender, type Contest, contendersOf, type Turn } from "./contest.ts";
import { play } from "./play.ts";
import type { Standing, Standings } from "./result.ts";
import { median } from "./statistics.ts";

export interface ContestOptions {
  /** Names of peers that take part. Defaults to all. */
  readonly peers?: readonly string[] | undefined;
  /** Turns of each contender whose turn is short. Defaults to 5. */
  readonly runs?: number | undefined;
  readonly report: (line: string) => void;
}

const defaultRuns = 5;
/** A turn that takes longer is played once. */
const shortTurnMs = 20_000;
/** No round begins that would end after this; everyone has had a turn by then, and says how many. */
const roundsMs = 150_000;

/**
 * Plays a contest on a freshly initialised Postgres with durable commits: one system at a time, in turns, each turn on a
 * database of its own.
 *
 * @throws Error when a contender did not do its work, each piece once: its figure would mean nothing
 */
export function runContest(contest: Contest, options: ContestOptions): Promise<Standings> {
  const { postgresSettings } = contest;
  const stack = {
    services: ["postgres"],
    onProgress: options.report,
    ...(postgresSettings && { postgresSettings }),
  } as const;
  return withOwnStack(stack, async ({ postgres = "" }, directory) => {
    const contenders = chosen(contest, options.peers);
    const turns = await playRounds(contest, contenders, { ...options, postgres, directory });
    return new Map(
      [...contenders].map(([name, { work }]) => [name, standing(turns.get(name) ?? [], work)]),
    );
  });
}

interface Place {
  readonly postgres: string;
  readonly directory: string;
}

async function playRounds(
  contest: Contest,
  contenders: ReadonlyMap<string, Contender>,
  { runs = defaultRuns, report, ...place }: ContestOptions & Place,
): Promise<ReadonlyMap<string, readonly Turn[]>> {
  const turns = new Map<string, Turn[]>();
  const done = new Set<string>();
  const began = performance.now();
  for (let round = 1, roundMs = 0; round <= runs; round++) {
    const roundBegan = performance.now();
    if (round > 1 && roundBegan - began + roundMs > roundsMs) break;
    roundMs = 0;
    for (const [name, contender] of contenders) {
      if (done.has(name)) continue;
      const { turn, ms } = await oneTurn(contest, name, contender, place);
      turns.set(name, [...(turns.get(name) ?? []), turn]);
      if (ms > shortTurnMs || round === contender.turns) done.add(name);
      else roundMs += ms;
      report(`${contest.name}  ${name}  ${turn.value.toFixed(2)} ${contest.unit}`);
    }
  }
  return turns;
}

function chosen(contest: Contest, peers: readonly string[] | undefined) {
  const all = [...contendersOf(contest)];
  if (!peers) return new Map(all);
  const isChosen = (name: string) =>
    name.startsWith("tidemill") ||
    name === "floor" ||
    peers.some((peer) => name.startsWith(`${peer} `));
  return new Map(all.filter(([name]) => isChosen(name)));
}

async function oneTurn(
  contest: Contest,
  name: string,
  { work }: Contender,
  { postgres, directory }: Place,
) {
  const database = `bench_${randomBytes(4).toString("hex")}`;
  await asAdmin(postgres, `create database ${database}`);
  const started = performance.now();
  const url = new URL(postgres);
  url.pathname = `/${database}`;
  const turn = await play(contest.name, name, { url: url.href, work, directory });
  if (turn.done !== work) {
    throw new Error(`${name} did ${turn.done} of ${work} ${contest.piece}: the figure is void`);
  }
  const ms = performance.now() - started;
  await asAdmin(postgres, `drop database ${database} with (force)`);
  // Each turn finds the server as the first one did: nothing left to write for the one before.
  await asAdmin(postgres, "checkpoint");
  return { turn, ms };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function standing(turns: readonly Turn[], work: number): Standing {
  const values = turns.map(({ value }) => value);
  const names = [...new Set(turns.flatMap(({ figures }) => Object.keys(figures ?? {})))];
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: turns.length,
    work,
    figures: Object.fromEntries(
      names.map((name) => [
        name,
        median(turns.map(({ figures }) => figures?.[name] ?? Number.NaN)),
      ]),
    ),
  };
}
