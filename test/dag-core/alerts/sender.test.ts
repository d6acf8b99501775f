import { spawn } from "node:child_process";
import { once } from "node:events";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { routingOf } from "../../../packages/dag-core/src/alerts/channels.ts";
import { LogChannel } from "../../../packages/dag-core/src/alerts/log-channel.ts";
import { AlertSender } from "../../../packages/dag-core/src/alerts/sender.ts";
import type { AlertKind, AlertPayload } from "../../../packages/dag-core/src/kernel/alert.ts";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import { EventBus } from "../../../packages/dag-core/src/kernel/events.ts";
import { subscribeLogger } from "../../../packages/dag-core/src/kernel/logger.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { alertStore } from "../../../packages/dag-core/src/store/alert.ts";
import { alertCreateTest } from "../../../packages/dag-core/src/store/alert-raise.ts";
import { alertStatus } from "../../../packages/dag-core/src/store/alert-status.ts";
import type { Database } from "../../../packages/dag-core/src/store/database.ts";
import { bareEnvironment } from "../../helpers/bare-environment.ts";
import { testDatabase } from "../../helpers/database.ts";
import { telegramServer, type TelegramServer } from "../../helpers/telegram-server.ts";

let database: Database;
let server: TelegramServer;
let closers: (() => Promise<unknown>)[];

beforeEach(async () => {
  const db = await testDatabase();
  database = db.database;
  server = await telegramServer();
  closers = [() => db.drop(), () => server.close()];
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
});

interface SenderOptions {
  readonly url?: string;
  readonly token?: string;
  readonly chatId?: string;
  readonly graceMs?: number;
  readonly bus?: EventBus;
}

/** A sender to the honest server, as an installation with a token and a chat has it. */
function sender(options: SenderOptions = {}) {
  const { bus = new EventBus(), graceMs = 0 } = options;
  const config = loadConfig({
    env: {
      TELEGRAM_BOT_TOKEN: options.token ?? server.token,
      TELEGRAM_CHAT_ID: options.chatId ?? "42",
      TIDEMILL_TELEGRAM_URL: options.url ?? server.url,
    },
  });
  const redactor = createRedactor(config.secrets());
  const routing = routingOf(config, { bus, redactor });
  const store = alertStore(database);
  const service = new AlertSender({ store, routing, bus, redactor, graceMs, pollMs: 20 });
  closers.push(() => service.stop({ drainMs: 0 }));
  service.start();
  return { service, bus };
}

const sql = (text: string, ...values: readonly unknown[]) => {
  const parameters = values.map((_, n) => String(n + 1));
  return database.many<Record<string, unknown>>(
    { name: "", text, parameters },
    Object.fromEntries(values.map((value, n) => [String(n + 1), value])),
  );
};

/** An alert as a transition writes it. */
async function raise(kind: AlertKind, run = 1, facts: Partial<AlertPayload> = {}): Promise<void> {
  const payload = {
    dagId: "orders",
    runId: `r${run}`,
    reason: "error",
    timezone: "UTC",
    ...(kind.startsWith("task") ? { taskId: "load", tryNumber: 1, maxTries: 1 } : {}),
    ...facts,
  };
  await sql(
    `insert into alert (kind, dag_id, dag_run_id, task_instance_id, payload)
     values ($1, $2, $3, $4, $5)`,
    kind,
    payload.dagId,
    run,
    kind.startsWith("task") ? (facts.mapIndex ?? 1) : 0,
    JSON.stringify(payload),
  );
}

const makeDue = () =>
  sql("update alert_delivery set next_attempt_at = now() where state <> 'sent'");
const deliveries = () =>
  sql(
    `select state, attempts, unanswered, message_ref, error, next_attempt_at > now() as is_later,
       next_attempt_at = 'infinity' as is_over from alert_delivery order by alert_id`,
  );

describe("a message", () => {
  test("goes out once, formatted, and is recorded", async () => {
    const { bus } = sender();
    const sent = bus.next("alert.sent");
    await raise("task_instance.failed");
    await sent;
    expect(server.messages).toMatchObject([
      { chatId: "42", parseMode: "HTML", text: expect.stringMatching(/^<b>Task load of DAG/) },
    ]);
    expect(await deliveries()).toMatchObject([{ state: "sent", attempts: 1, message_ref: "1" }]);
  });

  test("tells of a run and the task that failed it together", async () => {
    await raise("task_instance.failed");
    await raise("dag_run.failed");
    const { bus } = sender();
    await bus.next("alert.sent", { alerts: 2 });
    expect(server.messages).toHaveLength(1);
    expect(server.messages[0]?.text).toMatch(/^<b>DAG orders failed<\/b>.*load/s);
  });

  test("is not sent for a run that failed by a task that was told of", async () => {
    const { bus } = sender();
    const sent = bus.next("alert.sent");
    await raise("task_instance.failed");
    await sent;
    const folded = bus.next("alert.folded");
    await raise("dag_run.failed");
    await folded;
    expect(server.messages).toHaveLength(1);
    expect(await deliveries()).toMatchObject([
      { state: "sent", message_ref: "1" },
      { state: "sent", message_ref: "1" },
    ]);
  });

  test("answers the message about the failure when the run has recovered", async () => {
    const { bus } = sender();
    const sent = bus.next("alert.sent");
    await raise("task_instance.failed");
    await sent;
    await raise("dag_run.succeeded");
    const [, recovery] = await server.taken(2);
    expect(recovery).toMatchObject({ replyTo: 1, text: expect.stringContaining("succeeded") });
  });

  test("of a test alert comes each time one is asked for", async () => {
    sender({ graceMs: 60_000 });
    await alertCreateTest(database);
    await server.taken(1);
    await alertCreateTest(database);
    const messages = await server.taken(2);
    expect(messages.map(({ text }) => text)).toEqual([
      expect.stringContaining("Test alert"),
      expect.stringContaining("Test alert"),
    ]);
  });

  test("keeps a second's distance to the one before it in its chat", async () => {
    for (const dagId of ["a", "b", "c"]) await raise("dag_run.failed", 1, { dagId });
    sender();
    const [first, second, third] = await server.taken(3);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(800);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(800);
  });
});

describe("an answer of Telegram", () => {
  test("429 is obeyed", async () => {
    server.next({ kind: "limited", retryAfter: 2 });
    await raise("dag_run.failed");
    const { bus } = sender();
    await bus.next("alert.postponed", { delayMs: 2_000 });
    const refusedAt = performance.now();
    const [message] = await server.taken(1);
    expect((message?.at ?? 0) - refusedAt).toBeGreaterThan(1_700);
    expect(server.requests()).toBe(2);
  });

  test("400 about the formatting brings the plain text, once", async () => {
    server.next({ kind: "unformatted" });
    await raise("dag_run.failed");
    const { bus } = sender();
    await bus.next("alert.sent");
    expect(server.messages).toMatchObject([
      { parseMode: undefined, text: expect.stringMatching(/^DAG orders failed\n/) },
    ]);
    expect(await deliveries()).toMatchObject([{ state: "sent", attempts: 1 }]);
  });

  test("502 is retried", async () => {
    server.next({ kind: "trouble", status: 502 });
    await raise("dag_run.failed");
    const { bus } = sender();
    await bus.next("alert.postponed", ({ delayMs = 0 }) => delayMs >= 2_000 && delayMs <= 2_400);
    await bus.next("alert.sent");
    expect(server.messages).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ state: "sent", attempts: 2, unanswered: 0 }]);
  });

  test("none, as the service is down, is retried and is not uncertain", async () => {
    const down = await telegramServer();
    await down.close();
    await raise("dag_run.failed");
    const { bus } = sender({ url: down.url });
    const { error } = await bus.next("alert.postponed");
    expect(error).toBe("Telegram cannot be reached (ECONNREFUSED)");
    expect(await deliveries()).toMatchObject([{ state: "pending", unanswered: 0 }]);
  });

  test("that never comes makes it uncertain, and it is sent once more at most", async () => {
    server.next({ kind: "broken" }, { kind: "broken" });
    await raise("dag_run.failed");
    const { bus } = sender();
    await bus.next("alert.uncertain");
    expect(await deliveries()).toMatchObject([
      { state: "uncertain", unanswered: 1, is_later: true },
    ]);
    const failed = bus.next("alert.failed");
    await makeDue();
    await failed;
    expect(await deliveries()).toMatchObject([{ state: "failed", unanswered: 2, is_over: true }]);
    expect(server.messages).toHaveLength(2);
  });

  test.each([
    [401, "Unauthorized", "check TELEGRAM_BOT_TOKEN"],
    [403, "Forbidden: bot was blocked by the user", "check TELEGRAM_CHAT_ID"],
    [400, "Bad Request: chat not found", "check TELEGRAM_CHAT_ID"],
    [404, "Not Found", "check TELEGRAM_BOT_TOKEN"],
  ])("%d %s is a failure with a reason, tried again slowly", async (code, description, remedy) => {
    server.next({ kind: "refused", code, description });
    await raise("dag_run.failed");
    const { bus } = sender();
    const { error } = await bus.next("alert.failed");
    expect(error).toContain(`${description}; ${remedy}`);
    expect(await deliveries()).toMatchObject([{ state: "failed", is_later: true, is_over: false }]);
    const sent = bus.next("alert.sent");
    await makeDue();
    await sent;
    expect(server.messages).toHaveLength(1);
  });

  test("that the group has a new id is followed", async () => {
    server.next({ kind: "moved", chatId: -1_001 });
    await raise("dag_run.failed");
    const { bus } = sender({ chatId: "-1" });
    await bus.next("alert.sent");
    expect(server.messages).toMatchObject([{ chatId: "-1001" }]);
  });
});

describe("senders", () => {
  test("that work at once send each alert once", async () => {
    const bus = new EventBus();
    const texts: string[] = [];
    const { promise: all, resolve } = Promise.withResolvers<void>();
    bus.on("alert.logged", ({ text }) => {
      if (texts.push(text) === 60) resolve();
    });
    const services = [1, 2, 3].map(() => {
      const routing = { channels: [new LogChannel(bus)], routes: [], otherwise: ["log"] };
      const redactor = createRedactor([]);
      const store = alertStore(database);
      return new AlertSender({ store, routing, bus, redactor, graceMs: 0, pollMs: 5 });
    });
    for (const service of services) service.start();
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => raise("dag_run.failed", 1, { dagId: `d${n}` })),
    );
    await all;
    await Promise.all(services.map((service) => service.stop()));
    expect(new Set(texts).size).toBe(60);
    expect(texts).toHaveLength(60);
  });

  test("killed before the answer came cause one duplicate at most", async () => {
    server.next({ kind: "silent" });
    await raise("dag_run.failed");
    const child = spawn(
      process.execPath,
      ["--conditions=source", "test/helpers/alert-sender-process.ts"],
      {
        stdio: "inherit",
        env: {
          ...bareEnvironment(),
          ALERT_DATABASE: database.url,
          ALERT_TOKEN: server.token,
          ALERT_URL: server.url,
        },
      },
    );
    await server.taken(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await deliveries()).toMatchObject([{ state: "sending", is_later: true }]);
    const { bus } = sender();
    const sent = bus.next("alert.sent");
    await makeDue();
    await sent;
    expect(await deliveries()).toMatchObject([{ state: "sent", unanswered: 1 }]);
    expect(server.messages).toHaveLength(2);
  });

  test("send what waits before they stop", async () => {
    const { service } = sender({ graceMs: 4_000 });
    await raise("dag_run.failed");
    await service.stop({ drainMs: 10_000 });
    expect(server.messages).toHaveLength(1);
  });

  test("give up a silent server when their time to stop is over", async () => {
    server.next({ kind: "silent" });
    await raise("dag_run.failed");
    const { service } = sender();
    await server.taken(1);
    await service.stop({ drainMs: 1 });
    expect(await deliveries()).toMatchObject([{ state: "uncertain", unanswered: 1 }]);
  });

  test("live on while the database is in trouble", async () => {
    const { bus } = sender();
    await sql("alter table alert rename to alert_away");
    await bus.next("sender.round_failed");
    await sql("alter table alert_away rename to alert");
    await raise("dag_run.failed");
    await bus.next("alert.sent");
    expect(server.messages).toHaveLength(1);
  });

  test("without a token send to the log", async () => {
    const bus = new EventBus();
    const redactor = createRedactor([]);
    const routing = routingOf(loadConfig({ env: {} }), { bus, redactor });
    const store = alertStore(database);
    const service = new AlertSender({ store, routing, bus, redactor, graceMs: 0, pollMs: 20 });
    closers.push(() => service.stop());
    const logged = bus.next("alert.logged");
    const sent = bus.next("alert.sent", { channel: "log" });
    service.start();
    await raise("dag_run.failed");
    await sent;
    expect((await logged).text).toMatch(/^DAG orders failed\n/);
  });
});

test("status counts deliveries by channel and state, with the last trouble", async () => {
  server.next({ kind: "refused", code: 403, description: "Forbidden" });
  await raise("dag_run.failed", 1);
  const { bus } = sender();
  await bus.next("alert.failed");
  const sent = bus.next("alert.sent");
  await raise("dag_run.failed", 2, { dagId: "other" });
  await sent;
  expect(await alertStatus(database)).toMatchObject([
    { channel: "telegram", state: "failed", deliveries: 1, error: expect.stringContaining("403") },
    { channel: "telegram", state: "sent", deliveries: 1, sentAt: expect.anything() },
  ]);
});

test("the token is in no table, event, log line or message", async () => {
  const token = server.token;
  const bus = new EventBus();
  let log = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  // The log's redactor knows no secret, so that what it would have to mask is seen.
  const bare = {
    redact: (text: string) => text,
    redactJson: <T>(value: T) => value,
    stream: () => createRedactor([]).stream(),
  };
  const logger = subscribeLogger(bus, { level: "debug", redactor: bare, stream });
  const url = `${server.url}/bot${token}/sendMessage`;
  server.next(
    { kind: "refused", code: 400, description: `Bad Request: no method ${url}` },
    {
      kind: "trouble",
      status: 500,
      body: JSON.stringify({ ok: false, error_code: 500, description: url }),
    },
    { kind: "broken" },
  );
  sender({ bus });
  const failed = bus.next("alert.failed");
  await raise("task_instance.failed", 1, {
    error: { class: "FetchError", message: `request to ${url} failed` },
  });
  await failed;
  const postponed = bus.next("alert.postponed");
  await raise("dag_run.failed", 2);
  await postponed;
  const uncertain = bus.next("alert.uncertain");
  await uncertain;
  await logger.stop();
  const rows = await sql("select d.* from alert_delivery d");
  const everything = [log, JSON.stringify(rows), JSON.stringify(server.messages)].join("\n");
  expect(everything).toContain("***");
  expect(everything).not.toContain(token);
  expect(everything).not.toContain(token.split(":")[1]);
});
