import { describe, expect, test } from "@jest/globals";
import { dag } from "@tidemill/dag-core";
import { createClient } from "@tidemill/dag-core/client";
import { createEngine } from "@tidemill/dag-core/engine";
import { testDatabase } from "../../helpers/database.ts";
import { engineConfig } from "../../helpers/engine.ts";

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
});
