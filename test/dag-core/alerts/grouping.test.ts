import { describe, expect, test } from "@jest/globals";
import { alertBench } from "../../helpers/alerts.ts";

const failed = (message: string) => ({ error: { class: "Error", message } });
const second = { class: "TypeError", message: "other" };

describe("failures of a DAG", () => {
  test("make one message, which is edited while they go on", async () => {
    await using bench = await alertBench();
    for (let n = 0; n < 10; n++)
      await bench.raise("task_instance.failed", { run: (n % 3) + 1, mapIndex: n });
    const { bus } = bench.sender();
    await bus.next("alert.sent", { alerts: 10 });
    for (let n = 10; n < 17; n++)
      await bench.raise("task_instance.failed", { run: (n % 3) + 1, mapIndex: n, error: second });
    await bus.next("alert.added");
    const told = bench.sql("select count(*)::int as n from alert_delivery where state = 'sent'");
    if ((await told)[0]?.["n"] !== 17) await bus.next("alert.added");
    expect(bench.server.messages).toHaveLength(1);
    expect(bench.server.messages[0]?.text).toMatch(/^<b>17 tasks failed in 3 runs of orders<\/b>/);
    expect(bench.server.messages[0]?.text).toContain("tidemill runs list orders");
    expect(bench.server.messages[0]?.earlier[0]).toMatch(/^<b>10 tasks failed in 3 runs/);
  });

  test("after the window make a new message for a new error, and none for one that was told", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender({ windowMs: 1 });
    await bench.raise("task_instance.failed", { run: 1, ...failed("order 17 of 900 is bad") });
    await bus.next("alert.sent");
    await bench.sql("update alert_incident set seen_at = now() - interval '1 minute'");
    await bench.raise("task_instance.failed", { run: 2, ...failed("order 21 of 5000 is bad") });
    await bus.next("alert.added");
    expect(bench.server.messages).toHaveLength(1);
    await bench.sql("update alert_incident set seen_at = now() - interval '1 minute'");
    await bench.raise("task_instance.failed", { run: 3, ...failed("no table orders") });
    await bus.next("alert.sent");
    expect(bench.server.messages).toHaveLength(2);
  });

  test("ring again for the same error after the time to repeat", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender();
    await bench.raise("task_instance.failed", { run: 1 });
    await bus.next("alert.sent");
    await bench.sql("update alert_incident set told_at = now() - interval '6 hours'");
    await bench.raise("task_instance.failed", { run: 2 });
    await bus.next("alert.sent");
    expect(bench.server.messages).toHaveLength(2);
  });

  test("ring again when the same error has come ten times as often", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender({ windowMs: 1 });
    await bench.raise("task_instance.failed", { run: 1 });
    await bus.next("alert.sent");
    await bench.sql("update alert_incident set seen = 9, seen_at = now() - interval '1 minute'");
    await bench.raise("task_instance.failed", { run: 2 });
    await bus.next("alert.sent");
    expect(await bench.sql("select seen, told from alert_incident")).toEqual([
      { seen: 10, told: 10 },
    ]);
  });

  test("are put right by a recovery that answers their message, and then are news again", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender();
    await bench.raise("dag_run.failed", { run: 1 });
    await bus.next("alert.sent");
    await bench.raise("dag_run.recovered", { run: 2, durationMs: 7_800_000, count: 2 });
    await bus.next("alert.sent");
    expect(bench.server.messages[1]).toMatchObject({
      replyTo: 1,
      text: expect.stringMatching(/DAG orders is fixed.*Fixed after 2h 10m, 3 tries/s),
    });
    await bench.raise("dag_run.failed", { run: 3 });
    await bus.next("alert.sent");
    expect(bench.server.messages).toHaveLength(3);
  });

  test("whose message was deleted make a new one", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender();
    await bench.raise("task_instance.failed", { run: 1 });
    await bus.next("alert.sent");
    const description = "Bad Request: message to edit not found";
    bench.server.next({ kind: "refused", code: 400, description });
    await bench.raise("task_instance.failed", { run: 2 });
    await bus.next("alert.sent");
    expect(bench.server.messages).toHaveLength(2);
  });

  test("whose edit had no answer are edited again, and make no second message", async () => {
    await using bench = await alertBench();
    const { bus } = bench.sender();
    await bench.raise("task_instance.failed", { run: 1 });
    await bus.next("alert.sent");
    bench.server.next({ kind: "broken" });
    await bench.raise("task_instance.failed", { run: 2 });
    await bus.next("alert.postponed");
    await bus.next("alert.added");
    expect(bench.server.messages).toHaveLength(1);
    expect(bench.server.messages[0]?.text).toContain("2 tasks failed in 2 runs of orders");
  });
});

test("more DAGs than can have a message each share one", async () => {
  await using bench = await alertBench();
  for (let n = 0; n < 12; n++) await bench.raise("task_instance.failed", { dagId: `d${n}` });
  const { bus } = bench.sender();
  await bus.next("alert.sent", { alerts: 12 });
  expect(bench.server.messages).toHaveLength(1);
  expect(bench.server.messages[0]?.text).toContain("12 tasks failed in 12 runs of 12 DAGs");
});

test("quiet hours hold alerts back, and one digest follows", async () => {
  await using bench = await alertBench();
  const [hours] = await bench.sql(
    `select to_char((now() at time zone 'UTC') - interval '1 hour', 'HH24:MI') || '-' ||
       to_char((now() at time zone 'UTC') + interval '2 hours', 'HH24:MI') || ' UTC' as text`,
  );
  const env = { TIDEMILL_ALERT_QUIET: String(hours?.["text"]) };
  const { bus } = bench.sender({}, env);
  await bench.raise("task_instance.failed", { dagId: "a" });
  await bench.raise("task_instance.failed", { dagId: "b" });
  await bench.raise("alert.test");
  await bus.next("alert.sent", { alerts: 1 });
  expect(bench.server.messages.map(({ text }) => text)).toEqual([
    expect.stringContaining("Test alert"),
  ]);
  await bench.sql("update alert_delivery set next_attempt_at = now() where is_held");
  await bus.next("alert.sent", { alerts: 2 });
  expect(bench.server.messages[1]?.text).toContain("2 tasks failed in 2 runs of 2 DAGs");
});

test("muted alerts are not sent, and stay on record with the reason", async () => {
  await using bench = await alertBench();
  await bench.sql(
    `insert into alert_mute (muted_until, dag_id, reason, created_by)
     values (now() + interval '1 hour', 'orders', 'the source is moved', 'test')`,
  );
  const { bus } = bench.sender();
  const sent = bus.next("alert.sent");
  await bench.raise("task_instance.failed");
  await bench.raise("task_instance.failed", { dagId: "other" });
  await sent;
  expect(bench.server.messages).toHaveLength(1);
  expect(await bench.sql("select state, error from alert_log where dag_id = 'orders'")).toEqual([
    { state: "muted", error: expect.stringContaining("the source is moved") },
  ]);
});

test("a route takes the alerts of its DAGs to its chat and thread, the others go the usual way", async () => {
  await using bench = await alertBench();
  const routes = [{ dag: "orders", chat: "-1007", thread: 5 }];
  const { bus } = bench.sender({}, { TIDEMILL_ALERT_ROUTES: JSON.stringify(routes) });
  const all = Promise.all([
    bus.next("alert.sent", { channel: "telegram:-1007/5" }),
    bus.next("alert.sent", { channel: "telegram" }),
  ]);
  await bench.raise("task_instance.failed");
  await bench.raise("task_instance.failed", { dagId: "other" });
  await all;
  const places = bench.server.messages.map(({ chatId, threadId = 0 }) => `${chatId}/${threadId}`);
  expect(new Set(places)).toEqual(new Set(["-1007/5", "42/0"]));
});

test("a long error follows as a file, and the end of the log is in the message", async () => {
  await using bench = await alertBench();
  await bench.sql(
    `insert into task_log (task_instance_id, try_number, at, level, message)
     select 0, 1, now(), 'info', 'line ' || n from generate_series(1, 9) n`,
  );
  await bench.raise("task_instance.failed", failed(`short\n${"x".repeat(9_000)}`));
  const { bus } = bench.sender();
  await bus.next("alert.sent");
  const [message] = bench.server.messages;
  expect(message?.documents).toEqual(["load-error.txt"]);
  expect(message?.text).toMatch(/Error: short.*info line 5.*info line 9/s);
  expect(message?.text).not.toContain("line 4");
});
