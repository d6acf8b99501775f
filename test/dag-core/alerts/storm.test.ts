import { expect, test } from "@jest/globals";
import { alertBench } from "../../helpers/alerts.ts";
import { alertStore } from "../../../packages/dag-core/src/store/alert.ts";
import { Database } from "../../../packages/dag-core/src/store/database.ts";

/** Telegram's limits with a minute of three seconds, so that a test sees several. */
const windowMs = 3_000;
const limits = {
  all: { most: 30, windowMs: 55 },
  chat: { most: 1, windowMs: 55 },
  // More than a busy machine takes longer over the first message of a window than over the one after it.
  group: { most: 20, windowMs: windowMs + 500 },
};

/** The most requests that came within any window. */
function mostWithin(times: readonly number[], window: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + window).length),
  );
}

test("10,000 failures in a moment reach a group at twenty messages a minute, none lost, none twice", async () => {
  await using bench = await alertBench({ chatId: "-1001", limit: { most: 20, windowMs } });
  const { server } = bench;
  server.next(
    { kind: "limited", retryAfter: 1 },
    { kind: "trouble", status: 502 },
    { kind: "broken" },
    { kind: "limited", retryAfter: 1 },
    { kind: "unformatted" },
  );
  // Three processes, each with connections of its own.
  const databases = [1, 2, 3].map(
    () => new Database({ url: bench.db.url, schema: bench.db.database.schema, connections: 3 }),
  );
  try {
    const senders = databases.map((database) =>
      bench.sender({ store: alertStore(database), limits, pollMs: 50, graceMs: 100 }),
    );
    for (let batch = 0; batch < 10; batch++) {
      await bench.sql(`
        insert into alert (kind, dag_id, dag_run_id, task_instance_id, payload)
        select 'task_instance.failed', 'dag_' || n % 200, n % 997, n, jsonb_build_object(
          'dagId', 'dag_' || n % 200, 'runId', 'r' || n % 997, 'taskId', 't' || n % 7,
          'tryNumber', 1, 'maxTries', 1, 'reason', 'error', 'timezone', 'UTC',
          'error', jsonb_build_object('class', 'Error', 'message', 'row ' || n || ' is bad'))
        from generate_series(${batch * 1_000 + 1}, ${batch * 1_000 + 1_000}) n`);
    }
    for (const { service } of senders) service.wake();
    const left = async () =>
      bench.sql(`select
          (select count(*) from alert where not is_routed)::int
            + (select count(*) from alert_delivery
               where state not in ('sent', 'uncertain'))::int as n`);
    const deadline = performance.now() + 90_000;
    while ((await left())[0]?.["n"] !== 0 && performance.now() < deadline)
      await bench.sql("select pg_sleep(0.2)");
    // The answer to one send never came; it is repeated at once here, not in half a minute.
    await bench.sql("update alert_delivery set next_attempt_at = now() where state = 'uncertain'");
    const open = async () =>
      bench.sql("select count(*)::int as n from alert_delivery where state <> 'sent'");
    while ((await open())[0]?.["n"] !== 0 && performance.now() < deadline)
      await bench.sql("select pg_sleep(0.2)");

    const [delivered] = await bench.sql(
      `select count(*)::int as deliveries, count(distinct alert_id)::int as alerts,
         sum(unanswered)::int as unanswered, count(distinct message_ref)::int as messages
       from alert_delivery where state = 'sent'`,
    );
    expect(delivered).toMatchObject({ deliveries: 10_000, alerts: 10_000 });
    expect(mostWithin(server.times("-1001"), windowMs)).toBeLessThanOrEqual(20);
    // The server had to refuse only what it was told to: the senders kept the limit by themselves.
    expect(server.refused()).toBe(0);
    // Every message that the server holds is one that the database knows, but for the one without an answer.
    const doubled = server.messages.length - Number(delivered?.["messages"]);
    expect(doubled).toBeLessThanOrEqual(1);
    expect(Number(delivered?.["unanswered"]) > 0).toBe(true);
    const known = new Set(
      (await bench.sql("select distinct message_ref as ref from alert_delivery")).map(({ ref }) =>
        Number(ref),
      ),
    );
    const texts = server.messages.filter(({ messageId }) => known.has(messageId));
    const told = texts.reduce((sum, { text }) => {
      const failures = /(\d+) tasks? failed in/.exec(text)?.[1];
      return sum + Number(failures ?? (/^(<b>)?Task /.test(text) ? 1 : 0));
    }, 0);
    expect(told).toBe(10_000);
  } finally {
    await Promise.all(databases.map((database) => database.close()));
  }
});
