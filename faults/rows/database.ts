import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@tidemill/local";
import pg from "pg";
import { sql } from "../../test/helpers/factory.ts";
import type { FaultRow } from "../fault-row.ts";
import type { Scene } from "../scene.ts";
import { mostConnections } from "../server.ts";

function stackOf({ options }: Scene): Stack {
  const { stack } = options.server;
  if (!stack) throw new Error("This fault needs a Postgres that nobody else uses");
  return stack;
}

/** Long enough that a whole lease passes without a renewal. */
const awayMs = (scene: Scene): number => scene.leaseMs * 1.5;

const restarted: FaultRow = {
  name: "Postgres restarted",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    await stackOf(scene).restart("postgres");
    return {};
  },
};

/** SIGQUIT is an immediate shutdown: no checkpoint, and the next start recovers from the log. */
const crashed: FaultRow = {
  name: "Postgres stopped at once",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    const stack = stackOf(scene);
    const [supervisor, server] = stack.processIds.postgres ?? [];
    if (supervisor === undefined || server === undefined) throw new Error("Postgres does not run");
    process.kill(server, "SIGQUIT");
    await isAnswering(scene, (pid) => pid !== supervisor);
    return {};
  },
};

/** The stack starts a server again that ended by itself. */
async function isAnswering(scene: Scene, isNew: (supervisor: number) => boolean): Promise<void> {
  const stack = stackOf(scene);
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const [supervisor] = stack.processIds.postgres ?? [];
    if (supervisor !== undefined && isNew(supervisor)) return;
    await sleep(50);
  }
  throw new Error("Postgres was not started again");
}

const away: FaultRow = {
  name: "Postgres away for longer than a lease",
  loses: "any",
  mustLose: true,
  async inject(scene) {
    const stack = stackOf(scene);
    await stack.stopService("postgres");
    await sleep(awayMs(scene));
    await stack.startService("postgres");
    return {};
  },
};

const terminatePeriodMs = 200;

const terminated: FaultRow = {
  name: "backends terminated five times a second",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    const judge = await scene.database.connect();
    const endsAt = performance.now() + 3_000;
    while (performance.now() < endsAt) {
      await judge.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and application_name like 'tidemill%'`,
      );
      await sleep(terminatePeriodMs);
    }
    await judge.end();
    return {};
  },
};

/** Nobody is told: every statement under way waits for an answer that does not come. */
const halfOpen: FaultRow = {
  name: "half-open connections",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    if (scene.proxy.silence() === 0) throw new Error("There was no connection to silence");
    return {};
  },
};

const slow: FaultRow = {
  name: "Postgres slow by 200 ms",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    scene.proxy.slow(100);
    await sleep(Math.max(2_000, scene.leaseMs));
    scene.proxy.slow(0);
    return {};
  },
};

/** Takes every connection that the server has, as another application that leaks them would. */
const full: FaultRow = {
  name: "no connection left",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    const taken: pg.Client[] = [];
    try {
      await sql(
        scene.database,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'tidemill%'`,
      );
      for (let n = 0; n < mostConnections; n++) {
        const client = await connection(scene);
        if (client) taken.push(client);
      }
      await sleep(2_000);
      return {};
    } finally {
      await Promise.all(taken.map((client) => client.end()));
    }
  },
};

async function connection(scene: Scene): Promise<pg.Client | undefined> {
  const client = new pg.Client({ connectionString: scene.url, application_name: "judge" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch {
    return undefined;
  }
}

const refusedByChance = `
  create function refuse_by_chance() returns trigger language plpgsql as $$
  declare code text := case when random() < 0.5 then '40001' else '40P01' end;
  begin
    if random() < 0.15 then raise exception 'by chance' using errcode = code; end if;
    return null;
  end $$;
  create trigger refuse_by_chance after insert or update or delete on task_instance
    for each statement execute function refuse_by_chance();
  create trigger refuse_by_chance after update on dag_run
    for each statement execute function refuse_by_chance();
  create trigger refuse_by_chance after insert or update on process
    for each statement execute function refuse_by_chance();`;

const racesLost: FaultRow = {
  name: "deadlocks and serialization failures",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    await scene.database.script(refusedByChance);
    await sleep(3_000);
    await scene.database.script("drop function refuse_by_chance cascade");
    return {};
  },
};

/** As a server that is a standby for a while; sessions begun then stay so until they end. */
const readOnly: FaultRow = {
  name: "Postgres read-only",
  loses: "any",
  mustLose: false,
  async inject(scene) {
    const judge = await scene.database.connect();
    const set = (value: string) =>
      judge.query(
        `do $$ begin
           set local transaction_read_only = off;
           execute format('alter database %I set default_transaction_read_only = ${value}', current_database());
         end $$`,
      );
    await set("on");
    await judge.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and application_name like 'tidemill%'`,
    );
    await sleep(2_000);
    await set("off");
    await judge.end();
    return {};
  },
};

export const databaseRows: readonly FaultRow[] = [
  restarted,
  crashed,
  away,
  terminated,
  halfOpen,
  slow,
  full,
  racesLost,
  readOnly,
];
