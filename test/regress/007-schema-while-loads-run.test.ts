import { expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import pg from "pg";
import { initSchema } from "../../dags/shop_events/lib/init-schema.ts";
import { targetDatabase, type TargetDatabase } from "../helpers/target-database.ts";

async function isAnyoneWaiting(target: TargetDatabase): Promise<boolean> {
  for (let look = 0; look < 200; look += 1) {
    const [row] = await target.query<{ waiting: number }>(
      "select count(*)::integer as waiting from pg_locks where not granted",
    );
    if ((row?.waiting ?? 0) > 0) return true;
    await target.query("select pg_sleep(0.05)");
  }
  return false;
}

// The schema was created in one transaction, which kept a lock on each table; a load that ran meanwhile and took the same
// tables in another order ended in a deadlock, at the first start of a daemon.
test("the schema can be created while a load holds tables of it", async () => {
  await using target = await targetDatabase();
  const create = async () => {
    await using ctx = testContext({ connections: { shop_events: target.uri } });
    return await initSchema(ctx);
  };
  const { files } = await create();
  const load = new pg.Client({ connectionString: target.uri });
  await load.connect();
  try {
    await load.query("begin");
    await load.query("lock table dds.events in row exclusive mode");
    const created = create();
    created.catch(() => undefined);
    expect(await isAnyoneWaiting(target)).toBe(true);
    await load.query("lock table etl.run_log in row exclusive mode");
    await load.query("commit");
    expect(await created).toEqual({ files });
  } finally {
    await load.end();
  }
});
