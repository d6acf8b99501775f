import { expect, test } from "@jest/globals";
import { Proxy } from "../../faults/proxy.ts";
import { Database } from "../../packages/dag-core/src/store/database.ts";
import { isTransient } from "../../packages/dag-core/src/store/transient-errors.ts";
import { WakeChannel } from "../../packages/dag-core/src/store/wake-channel.ts";
import { testDatabase } from "../helpers/database.ts";
import { sql } from "../helpers/factory.ts";

const ask = "select 1 as one";

test("a connection that does not answer fails as a lost one, and the next is a new one", async () => {
  await using db = await testDatabase();
  await using proxy = await Proxy.open(db.url);
  const database = new Database({ url: proxy.url, connections: 1, answerTimeoutMs: 1_500 });
  try {
    expect(await sql(database, ask)).toEqual([{ one: 1 }]);
    expect(proxy.silence()).toBe(1);
    const silent = await sql(database, ask).catch((error: unknown) => error);
    expect(isTransient(silent)).toBe(true);
    expect(await sql(database, ask)).toEqual([{ one: 1 }]);
    proxy.silence();
    const within = database.transaction((tx) => sql(tx, ask)).catch((error: unknown) => error);
    expect(isTransient(await within)).toBe(true);
    expect(await database.transaction((tx) => sql(tx, ask))).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});

test("who only listens notices it too, and hears again afterwards", async () => {
  await using db = await testDatabase();
  await using proxy = await Proxy.open(db.url);
  const database = new Database({ url: proxy.url, connections: 1 });
  const woken = Promise.withResolvers<string>();
  const recovered = Promise.withResolvers<void>();
  const channel = new WakeChannel({
    database,
    onWake: (payload) => woken.resolve(payload),
    onLost: () => undefined,
    onRecovered: () => recovered.resolve(),
    probeMs: 100,
  });
  try {
    await channel.start();
    proxy.silence();
    await recovered.promise;
    await sql(db.database, "select pg_notify('tidemill_wake', 'pools')");
    expect(await woken.promise).toBe("pools");
  } finally {
    await channel.stop();
    await database.close();
  }
});
