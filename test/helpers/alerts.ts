import { AlertSender, type AlertSenderOptions } from "../../packages/dag-core/src/alerts/sender.ts";
import { routingOf } from "../../packages/dag-core/src/alerts/channels.ts";
import type { AlertKind, AlertPayload } from "../../packages/dag-core/src/kernel/alert.ts";
import { loadConfig } from "../../packages/dag-core/src/kernel/config.ts";
import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import { createRedactor } from "../../packages/dag-core/src/kernel/redact.ts";
import { alertStore } from "../../packages/dag-core/src/store/alert.ts";
import { testDatabase, type TestDatabase } from "./database.ts";
import {
  telegramServer,
  type TelegramServer,
  type TelegramServerOptions,
} from "./telegram-server.ts";

export interface AlertBenchOptions extends TelegramServerOptions {
  readonly chatId?: string;
}

export interface BenchSender {
  readonly service: AlertSender;
  readonly bus: EventBus;
}

/** A database, a messenger and senders between them, all gone at the end of an `await using` block. */
export interface AlertBench extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly server: TelegramServer;
  /** A sender that runs, as an installation with this environment has it. */
  sender(
    options?: Partial<AlertSenderOptions>,
    env?: Readonly<Record<string, string>>,
  ): BenchSender;
  /** An alert as a transition writes it. */
  raise(kind: AlertKind, facts?: RaisedFacts): Promise<void>;
  sql(text: string): Promise<Record<string, unknown>[]>;
}

export interface RaisedFacts extends Partial<AlertPayload> {
  readonly run?: number;
  readonly subject?: string;
}

export async function alertBench(options: AlertBenchOptions = {}): Promise<AlertBench> {
  const db = await testDatabase();
  const server = await telegramServer(options);
  const started: AlertSender[] = [];
  const sql = (text: string) =>
    db.database.many<Record<string, unknown>>({ name: "", text, parameters: [] });
  return {
    db,
    server,
    sql,
    sender(given = {}, env = {}) {
      const bus = new EventBus();
      const config = loadConfig({
        env: {
          TELEGRAM_BOT_TOKEN: server.token,
          TELEGRAM_CHAT_ID: options.chatId ?? "42",
          TIDEMILL_TELEGRAM_URL: server.url,
          ...env,
        },
      });
      const redactor = createRedactor(config.secrets());
      const routing = routingOf(config, { bus, redactor });
      const store = alertStore(db.database);
      const times = { graceMs: 0, pollMs: 20 };
      const service = new AlertSender({ store, routing, bus, redactor, ...times, ...given });
      started.push(service);
      service.start();
      return { service, bus };
    },
    async raise(kind, facts = {}) {
      const { run = 1, subject = "", ...rest } = facts;
      const isTask = kind.startsWith("task");
      const payload = {
        dagId: "orders",
        runId: `r${run}`,
        reason: "error",
        timezone: "UTC",
        ...(isTask && { taskId: "load", tryNumber: 1, maxTries: 1 }),
        ...rest,
      };
      const values = {
        kind,
        dag_id: payload.dagId,
        run,
        subject: `${subject}${payload.taskId ?? ""}${payload.mapIndex ?? ""}`,
        payload: JSON.stringify(payload),
      };
      const text = `insert into alert (kind, dag_id, dag_run_id, subject, payload) values ($1, $2, $3, $4, $5)`;
      const parameters = ["kind", "dag_id", "run", "subject", "payload"];
      await db.database.exec({ name: "", text, parameters }, values);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((service) => service.stop({ drainMs: 0 })));
      await server.close();
      await db.drop();
    },
  };
}
