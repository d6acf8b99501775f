import { expect } from "@jest/globals";
import type { Dag } from "@tidemill/dag-core";
import { type Client, createClient } from "@tidemill/dag-core/client";
import { testDatabase, type TestDatabase } from "./database.ts";
import { EngineProcess, type Running } from "./engine-process.ts";
import { insertRun, register, sql } from "./factory.ts";
import { brokenInvariants } from "./invariants.ts";

/** A process on a database of its own, and a client; gone at the end of its `await using` block. */
export interface SingleEngine extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly one: EngineProcess;
  readonly client: Client;
}

/** Two processes on one database, and what a test does with them. */
export interface EnginePair extends SingleEngine {
  readonly two: EngineProcess;
  /** Starts new runs of a DAG, whose first tasks are ready then. @returns their numbers */
  start(dagId?: string, runs?: number): Promise<readonly string[]>;
  /** Starts a new run of a DAG, whose first task the first process runs then. */
  running(dagId?: string): Promise<Running>;
  rows<Row extends object>(text: string, ...values: readonly unknown[]): Promise<readonly Row[]>;
  /** Fails where an invariant of the store does not hold. */
  sound(moment?: "at rest" | "under way"): Promise<void>;
}

export async function singleEngine(): Promise<SingleEngine> {
  const db = await testDatabase();
  const one = await EngineProcess.start(db.url);
  const client = createClient({ databaseUrl: db.url, actor: "test" });
  return {
    db,
    one,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await one[Symbol.asyncDispose]();
      await db.drop();
    },
  };
}

export async function enginePair(...dags: readonly Dag[]): Promise<EnginePair> {
  const single = await singleEngine();
  const { db, one, client } = single;
  await register(db.database, ...dags);
  const two = await EngineProcess.start(db.url);
  const start = async (dagId = "d", runs = 1) => {
    const ids: string[] = [];
    while (ids.length < runs) ids.push(await insertRun(db.database, { dagId, state: "queued" }));
    await one.startRuns();
    return ids;
  };
  return {
    db,
    one,
    two,
    client,
    start,
    async running(dagId) {
      await start(dagId);
      const [running] = await one.claim(1);
      if (!running) throw new Error("nothing was claimed");
      return running;
    },
    rows: (text, ...values) => sql(db.database, text, ...values),
    async sound(moment = "at rest") {
      expect(await brokenInvariants(db.database, moment)).toEqual({});
    },
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]();
      await single[Symbol.asyncDispose]();
    },
  };
}
