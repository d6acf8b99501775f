import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "@tidemill/dag-core/client";
import { createEngine } from "@tidemill/dag-core/engine";
import { testDatabase } from "../../helpers/database.ts";
import { engineConfig } from "../../helpers/engine.ts";
import { sql } from "../../helpers/factory.ts";

describe("an engine inside an application", () => {
  test("runs DAGs that are values, in this process, with everything that it holds", async () => {
    await using db = await testDatabase();
    const sold: number[] = [];
    const shop = dag("shop", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
      const price = task("price", { run: () => 21 });
      task("sell", { inputs: { price }, run: ({ inputs }) => void sold.push(inputs.price * 2) });
    });
    const engine = createEngine({
      config: engineConfig(db.url, "dags"),
      role: "scheduler",
      dags: [shop],
    });
    await engine.start();
    const client = createClient({ databaseUrl: db.url, actor: "test" });
    const succeeded = engine.events.next("dag_run.succeeded", { dagId: "shop" });
    await client.trigger("shop");
    await succeeded;
    await client.close();
    await engine.stop();
    expect(sold).toEqual([42]);
  });

  test("says what it cannot do in its state, and what to do instead", async () => {
    await using db = await testDatabase();
    const config = engineConfig(db.url, "dags");
    const engine = createEngine({ config, role: "scheduler", dags: [], schedules: false });
    const refused = (message: string) => ({ code: "TIDEMILL_STATE_REFUSED", message });
    await expect(engine.reload()).rejects.toMatchObject(
      refused("The engine is not started; call start() first"),
    );
    await engine.start();
    await expect(engine.reload()).rejects.toMatchObject(
      refused("The engine is given its DAGs as values; make another one for new ones"),
    );
    await engine.stop();
    const stopped = createEngine({ config, role: "scheduler", dags: [], schedules: false });
    const starting = stopped.start();
    const stopping = stopped.stop();
    await expect(starting).rejects.toMatchObject(
      refused("The engine is stopped; make another one and start that"),
    );
    await stopping;
  });

  test("starts what is asked for in SQL, and runs that waited for their past, without waiting for its clock", async () => {
    await using db = await testDatabase();
    const ran: string[] = [];
    const options = { schedule: "@daily", startDate: "2026-01-01", maxActiveRuns: 1 } as const;
    const ledger = dag("ledger", { ...options, catchup: "none" }, ({ task }) => {
      task("post", {
        dependsOnPast: true,
        run: ({ dataInterval }) => void ran.push(dataInterval.start.toISOString().slice(0, 10)),
      });
    });
    const slow = { TIDEMILL_TICK: "10m", TIDEMILL_POLL: "10m" };
    const config = engineConfig(db.url, "dags", slow);
    const engine = createEngine({ config, role: "scheduler", dags: [ledger], schedules: false });
    await engine.start();
    const days = ["2026-01-05", "2026-01-03", "2026-01-04", "2026-01-02"];
    let over = 0;
    const allOver = engine.events.next("dag_run.succeeded", () => ++over === days.length);
    for (const day of days) {
      await sql(
        db.database,
        "select tidemill.trigger('ledger', run_id => $1, interval_of => $1)",
        day,
      );
    }
    await allOver;
    await engine.stop();
    expect(ran.toSorted()).toEqual(days.toSorted());
    const states = await sql(db.database, "select distinct state, waits_for_past from dag_run");
    expect(states).toEqual([{ state: "success", waits_for_past: false }]);
  });

  test("explains a run that waits for the one place of the process", async () => {
    await using db = await testDatabase();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const slow = dag("slow", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
      task("a", { run: () => over });
    });
    const config = engineConfig(db.url, "dags", { TIDEMILL_PARALLELISM: "1" });
    const engine = createEngine({ config, role: "scheduler", dags: [slow], schedules: false });
    await engine.start();
    const client = createClient({ database: db.database, actor: "test" });
    const started = engine.events.next("task_instance.started", { dagId: "slow" });
    await client.trigger("slow", { runId: "one" });
    await started;
    await client.trigger("slow", { runId: "two" });
    const [two] = await client.explain("slow", "two");
    expect(two).toMatchObject({
      state: "queued",
      reasons: [{ reason: expect.stringContaining("all 1 places of 1 processes are taken") }],
    });
    const bothOver = engine.events.next("dag_run.succeeded", { runId: "two" });
    end();
    await bothOver;
    await engine.stop();
  });
});
