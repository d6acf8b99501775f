import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { postgres, type PostgresTransaction } from "@tidemill/tasks/postgres";
import { runOnce } from "../../../packages/dag-core/src/context/transaction.ts";
import { handOff } from "../../helpers/executor-probe.ts";
import { fixtureFolder, startPool } from "../../helpers/runner-pool.ts";
import { targetDatabase, type TargetDatabase } from "../../helpers/target-database.ts";

let target: TargetDatabase;
let hook: Awaited<ReturnType<ReturnType<typeof postgres>["open"]>>;
const signal = new AbortController().signal;

beforeAll(async () => {
  target = await targetDatabase();
  hook = await postgres("target").open(target.uri, signal);
  await target.query("create table effect (n bigint generated always as identity, note text)");
});
afterAll(async () => {
  await hook[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

let name = "";
let runs = 0;
beforeEach(() => {
  runs += 1;
  name = `load ${runs}`;
});

interface Attempt {
  readonly clearNumber?: number;
  readonly installationId?: string;
  readonly note?: string;
  readonly inside?: (tx: PostgresTransaction) => Promise<void>;
  readonly result?: unknown;
}

/** One attempt that writes a row and returns its note. */
function attempt({ clearNumber = 0, installationId = "one", note = "row", ...rest }: Attempt = {}) {
  const key = { installationId, dagId: "d", runId: "r", taskId: "t", mapIndex: -1, name };
  const write = async (tx: unknown) => {
    const session = tx as PostgresTransaction;
    await session.query("insert into effect (note) values ($1)", [`${name} ${note}`]);
    await rest.inside?.(session);
    return "result" in rest ? rest.result : { note };
  };
  return runOnce(hook, write, { connectionId: "target", key, clearNumber });
}

const rows = () =>
  target
    .query<{ note: string }>("select note from effect where note like $1 order by n", [`${name} %`])
    .then((found) => found.map(({ note }) => note.slice(name.length + 1)));

describe("once per clear", () => {
  test("a retry after the commit gets the stored result and writes nothing", async () => {
    expect(await attempt({ note: "first" })).toEqual({ note: "first" });
    expect(await attempt({ note: "second" })).toEqual({ note: "first" });
    expect(await rows()).toEqual(["first"]);
  });

  test.each([[undefined], [null], [0], [""], [{ a: [1, { b: null }] }]])(
    "the result %j comes back as it was",
    async (result) => {
      expect(await attempt({ result })).toEqual(result);
      expect(await attempt({ result: "another" })).toEqual(result);
    },
  );

  test("an attempt that fails leaves nothing, and the next one runs", async () => {
    const fails = attempt({ note: "lost", inside: () => Promise.reject(new Error("no disk")) });
    await expect(fails).rejects.toThrow("no disk");
    expect(await attempt({ note: "kept" })).toEqual({ note: "kept" });
    expect(await rows()).toEqual(["kept"]);
  });

  test("a result that cannot be stored undoes the work", async () => {
    await expect(attempt({ result: new Map() })).rejects.toMatchObject({
      code: "TIDEMILL_OUTPUT_INVALID",
    });
    expect(await rows()).toEqual([]);
  });

  test("other names, instances and installations do not clash", async () => {
    await attempt({ note: "one" });
    await attempt({ note: "two", installationId: "two" });
    expect(await rows()).toEqual(["one", "two"]);
  });
});

describe("clears", () => {
  test("a later clear runs again, and its result replaces the earlier one", async () => {
    await attempt({ note: "first" });
    expect(await attempt({ note: "again", clearNumber: 1 })).toEqual({ note: "again" });
    expect(await attempt({ note: "retry", clearNumber: 1 })).toEqual({ note: "again" });
    expect(await rows()).toEqual(["first", "again"]);
  });

  test("a ghost of an earlier clear is refused", async () => {
    await attempt({ clearNumber: 2 });
    await expect(attempt({ clearNumber: 1, note: "ghost" })).rejects.toMatchObject({
      code: "TIDEMILL_TRANSACTION_STALE",
    });
    expect(await rows()).toEqual(["row"]);
  });
});

describe("ghosts beside their successor", () => {
  /** An attempt that stays inside its transaction until the gate opens. */
  async function held(options: Attempt = {}) {
    const inside = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const running = attempt({
      ...options,
      inside: async () => {
        inside.resolve();
        await gate.promise;
      },
    });
    running.catch(() => undefined);
    await inside.promise;
    return { running, open: gate.resolve, fail: gate.reject };
  }

  /** Once a session waits for a marker of this database, its order against the ghost is settled. */
  async function untilOneWaits(): Promise<void> {
    const waiting = `select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%transaction_marker%'`;
    for (let tries = 0; tries < 2_000; tries += 1) {
      if ((await target.query(waiting)).length > 0) return;
    }
    throw new Error("No session waits for the marker");
  }

  test("the ghost commits: the successor takes its result", async () => {
    const ghost = await held({ note: "ghost" });
    const successor = attempt({ note: "successor" });
    await untilOneWaits();
    ghost.open();
    expect(await Promise.all([ghost.running, successor])).toEqual([
      { note: "ghost" },
      { note: "ghost" },
    ]);
    expect(await rows()).toEqual(["ghost"]);
  });

  test("the ghost rolls back: the successor does the work", async () => {
    const ghost = await held({ note: "ghost" });
    const successor = attempt({ note: "successor" });
    await untilOneWaits();
    ghost.fail(new Error("given up"));
    expect(await successor).toEqual({ note: "successor" });
    expect(await rows()).toEqual(["successor"]);
  });

  test("a later clear waits for the ghost, then runs after it", async () => {
    const ghost = await held({ note: "ghost" });
    const successor = attempt({ note: "successor", clearNumber: 1 });
    await untilOneWaits();
    ghost.open();
    expect(await successor).toEqual({ note: "successor" });
    expect(await rows()).toEqual(["ghost", "successor"]);
  });

  test("the ghost's session is cut: nothing of it stays", async () => {
    const ghost = await held({ note: "ghost" });
    await target.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
    );
    ghost.open();
    await expect(ghost.running).rejects.toThrow(/terminat|connection|reached/i);
    expect(await attempt({ note: "successor" })).toEqual({ note: "successor" });
    expect(await rows()).toEqual(["successor"]);
  });

  test("ten at once: one does the work", async () => {
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => attempt({ note: `${i}` })));
    expect(await rows()).toHaveLength(1);
    expect(new Set(all.map((result) => JSON.stringify(result))).size).toBe(1);
  });
});

test("waits are limited for the length of the transaction", async () => {
  let seen: unknown;
  await attempt({
    inside: async (tx) => {
      const sql = `select current_setting('lock_timeout') as lock,
        current_setting('idle_in_transaction_session_timeout') as idle`;
      seen = (await tx.query(sql)).rows[0];
    },
  });
  expect(seen).toEqual({ lock: "6min", idle: "5min" });
});

describe("the marker table", () => {
  test("is made by whoever comes first, however many come", async () => {
    await using fresh = await targetDatabase();
    await using own = await postgres("target").open(fresh.uri, signal);
    const all = Array.from({ length: 6 }, (_, mapIndex) =>
      runOnce(own, () => Promise.resolve(mapIndex), {
        connectionId: "target",
        key: { installationId: "one", dagId: "d", runId: "r", taskId: "t", mapIndex, name: "n" },
        clearNumber: 0,
      }),
    );
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("that may not be made is an error that says what to do", async () => {
    await using fresh = await targetDatabase();
    const role = new URL(fresh.uri).pathname.slice(1);
    await fresh.query(`create role ${role} login password 'guest'`);
    const uri = new URL(fresh.uri);
    uri.username = role;
    uri.password = "guest";
    await using own = await postgres("target").open(uri.href, signal);
    const key = { installationId: "one", dagId: "d", runId: "r", taskId: "t", mapIndex: 0, name };
    const refused = runOnce(own, () => Promise.resolve(1), {
      connectionId: "target",
      key,
      clearNumber: 0,
    });
    await expect(refused).rejects.toMatchObject({
      code: "TIDEMILL_TRANSACTION_MARKER",
      message: expect.stringMatching(/Connection "target" .*permission denied.*; grant "create"/),
    });
    await fresh.query(`drop role ${role}`);
  });
});

test("a process that dies after the commit: the next try finds the work done", async () => {
  const env = { TIDEMILL_CONN_TARGET: target.uri };
  await using fixture = await startPool(fixtureFolder("dags-attempts"), { env });
  const task = ["effects", "commits_and_dies"] as const;
  const first = handOff(task, { tryNumber: 1, taskInstanceId: "77" });
  fixture.pool.submit([first]);
  expect(await fixture.probe.outcome(first.id)).toMatchObject({ kind: "lost", reason: "exit" });
  const second = handOff(task, { tryNumber: 2, taskInstanceId: "77" });
  fixture.pool.submit([second]);
  const outcome = await fixture.probe.outcome(second.id);
  expect(JSON.parse((outcome as { output: string }).output)).toMatchObject({ by: "t77_c0_r1_h0" });
  const notes = await target.query("select note from effect where note like 't77%'");
  expect(notes).toEqual([{ note: "t77_c0_r1_h0" }]);
});
