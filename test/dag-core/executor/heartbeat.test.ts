import { expect, test } from "@jest/globals";
import { Heartbeat } from "../../../packages/dag-core/src/executor/heartbeat.ts";
import { processRegister } from "../../../packages/dag-core/src/store/process.ts";
import { testDatabase } from "../../helpers/database.ts";
import { runSql } from "../../helpers/database-server.ts";
import { sql } from "../../helpers/factory.ts";
import { until } from "../../helpers/until.ts";

test("a beat that failed is repeated soon, and not only when the next one is due", async () => {
  await using db = await testDatabase();
  const facts = { kind: "scheduler", host: "test", pid: 1, version: "0", capacity: 1 } as const;
  const processId = await processRegister(db.database, facts);
  await runSql(
    db.url,
    `create sequence public.refused;
     create function public.refuse() returns trigger language plpgsql as $$
     begin
       perform nextval('public.refused');
       raise 'the database is in trouble';
     end $$;
     create trigger refuse before update on tidemill.process for each row execute function public.refuse();`,
  );
  const heartbeat = new Heartbeat({
    url: db.url,
    schema: "tidemill",
    processId,
    heartbeatMs: 600_000,
    leaseMs: 1_200_000,
    onLost: () => undefined,
  });
  try {
    await until(db.database, "select is_called from public.refused");
    await sql(db.database, "drop trigger refuse on process");
    await expect(heartbeat.beating()).resolves.toBeUndefined();
  } finally {
    await heartbeat.stop();
  }
});
