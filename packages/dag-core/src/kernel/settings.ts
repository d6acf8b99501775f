import { z } from "zod";
import { alertRoutesSchema, chatForm } from "./alert-routes.ts";
import { publicVariables } from "./named-secrets.ts";
import {
  duration,
  flag,
  httpUrl,
  postgresUri,
  quietHours,
  runnerCount,
  schemaName,
  text,
  variableNames,
  whole,
} from "./setting-schemas.ts";

export const logLevels = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

interface SettingOptions<S extends z.ZodType> {
  /** The environment variable. */
  readonly name: string;
  /** As a person would write it; absent where the setting has none. */
  readonly default?: string;
  readonly meaning: string;
  readonly schema: S;
  /** Never printed, and readable from a file named by `<name>_FILE`. */
  readonly isSecret?: boolean;
}

const setting = <S extends z.ZodType>(options: SettingOptions<S>): SettingOptions<S> => options;

/** Every setting: the one table that the parser, `tidemill doctor` and the documentation read. */
export const settingTable = {
  databaseUrl: setting({
    name: "TIDEMILL_DATABASE_URL",
    meaning: "Postgres URI of the engine's database; without it, the database of the local stack",
    schema: postgresUri.optional(),
    isSecret: true,
  }),
  schema: setting({
    name: "TIDEMILL_SCHEMA",
    default: "tidemill",
    meaning: "Postgres schema that holds the engine's tables",
    schema: schemaName,
  }),
  dagsFolder: setting({
    name: "TIDEMILL_DAGS_FOLDER",
    default: "dags",
    meaning: "Folder of the DAG files, from the working directory",
    schema: text,
  }),
  sqlFolder: setting({
    name: "TIDEMILL_SQL_FOLDER",
    default: "sql",
    meaning: "Folder of the SQL files that tasks name, from the working directory",
    schema: text,
  }),
  stackFile: setting({
    name: "TIDEMILL_STACK_FILE",
    default: ".tidemill/stack.json",
    meaning: "File in which the local stack writes its addresses",
    schema: text,
  }),
  cacheFolder: setting({
    name: "TIDEMILL_CACHE",
    meaning: "Folder for what the local stack downloads; without it, ~/.cache/tidemill",
    schema: text.optional(),
  }),
  mavenRepository: setting({
    name: "TIDEMILL_MAVEN_REPOSITORY",
    meaning: "Maven repository from which the local stack takes the jars of Kafka",
    schema: text.optional(),
  }),
  runners: setting({
    name: "TIDEMILL_RUNNERS",
    default: "cores",
    meaning: "Runner processes that execute tasks; cores is one for each core of the machine",
    schema: runnerCount,
  }),
  runnerConcurrency: setting({
    name: "TIDEMILL_RUNNER_CONCURRENCY",
    default: "16",
    meaning: "Attempts that one runner executes at once",
    schema: whole(1, 10_000),
  }),
  runnerHeapMb: setting({
    name: "TIDEMILL_RUNNER_HEAP_MB",
    meaning:
      "JavaScript heap of one runner in MB, beyond which it ends and its tasks are tried again; without it, half of the memory divided among the runners, 512 to 4096",
    schema: whole(64, 1_048_576).optional(),
  }),
  parallelism: setting({
    name: "TIDEMILL_PARALLELISM",
    meaning: "Tasks that run at once in one process; without it, as many as its runners take",
    schema: whole(1).optional(),
  }),
  backfillShare: setting({
    name: "TIDEMILL_BACKFILL_SHARE",
    default: "25",
    meaning:
      "Percent of the slots of a process, and of each pool, that backfills take while other work waits; at least one slot",
    schema: whole(1, 100),
  }),
  installationParallelism: setting({
    name: "TIDEMILL_INSTALLATION_PARALLELISM",
    meaning:
      "Tasks that run at once in all processes together; the same for every scheduler, the one that started last decides",
    schema: whole(1).optional(),
  }),
  pausedAtCreation: setting({
    name: "TIDEMILL_PAUSED_AT_CREATION",
    default: "false",
    meaning: "Whether a DAG that is seen for the first time is paused",
    schema: flag,
  }),
  tickMs: setting({
    name: "TIDEMILL_TICK",
    default: "1s",
    meaning: "Longest time between two scheduling steps; a schedule that comes due is kept at once",
    schema: duration,
  }),
  pollMs: setting({
    name: "TIDEMILL_POLL",
    default: "1s",
    meaning: "Time after which an idle process looks for work without having been woken",
    schema: duration,
  }),
  leaseMs: setting({
    name: "TIDEMILL_LEASE",
    default: "15s",
    meaning: "Time without a heartbeat after which a process is lost and its tasks are rescued",
    schema: duration,
  }),
  heartbeatMs: setting({
    name: "TIDEMILL_HEARTBEAT",
    default: "5s",
    meaning: "Time between two heartbeats of a process; at most half of TIDEMILL_LEASE",
    schema: duration,
  }),
  drainMs: setting({
    name: "TIDEMILL_DRAIN",
    default: "30s",
    meaning: "Time that running tasks are given when the process is asked to stop",
    schema: duration,
  }),
  xcomLimitBytes: setting({
    name: "TIDEMILL_XCOM_LIMIT",
    default: "262144",
    meaning: "Largest output of a task, in bytes of JSON",
    schema: whole(1, 268_435_456),
  }),
  publicVariables: setting({
    name: publicVariables,
    meaning: "Variables, separated by commas, that are no secrets though their names say so",
    schema: variableNames.optional(),
  }),
  infraRetries: setting({
    name: "TIDEMILL_INFRA_RETRIES",
    default: "3",
    meaning: "Times a try is repeated because its runner died, before the task fails",
    schema: whole(0, 1_000),
  }),
  logLevel: setting({
    name: "TIDEMILL_LOG_LEVEL",
    default: "info",
    meaning: `Least level of the process's own log: ${logLevels.join(", ")}`,
    schema: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`),
  }),
  logFormat: setting({
    name: "TIDEMILL_LOG_FORMAT",
    meaning: "json or pretty; without it, pretty on a terminal and json elsewhere",
    schema: z.enum(["json", "pretty"], "must be json or pretty").optional(),
  }),
  telegramToken: setting({
    name: "TELEGRAM_BOT_TOKEN",
    meaning: "Token of the Telegram bot that sends alerts; without it, alerts go to the log",
    schema: text.optional(),
    isSecret: true,
  }),
  telegramChatId: setting({
    name: "TELEGRAM_CHAT_ID",
    meaning: "Chat that receives alerts: a number, or @name of a public channel",
    schema: z.string().regex(chatForm, "must be a number or the @name of a channel").optional(),
  }),
  telegramUrl: setting({
    name: "TIDEMILL_TELEGRAM_URL",
    default: "https://api.telegram.org",
    meaning: "Address of the Bot API server",
    schema: httpUrl,
  }),
  alertGraceMs: setting({
    name: "TIDEMILL_ALERT_GRACE",
    default: "2s",
    meaning: "Time that an alert waits for others of its topic, to be sent as one message",
    schema: duration,
  }),
  alertWindowMs: setting({
    name: "TIDEMILL_ALERT_WINDOW",
    default: "30s",
    meaning: "Time after a failure in which the next one of its DAG is added to the same message",
    schema: duration,
  }),
  alertRepeatMs: setting({
    name: "TIDEMILL_ALERT_REPEAT",
    default: "6h",
    meaning: "Time after which an error that goes on is told again",
    schema: duration,
  }),
  alertQuiet: setting({
    name: "TIDEMILL_ALERT_QUIET",
    meaning:
      "Hours in which chats get no alert, with a zone; one digest follows: 22:00-07:00 Europe/Berlin",
    schema: quietHours.optional(),
  }),
  alertRoutes: setting({
    name: "TIDEMILL_ALERT_ROUTES",
    meaning: "JSON array of routes of alerts, by DAG, tag, owner or kind, to chats and webhooks",
    schema: alertRoutesSchema.optional(),
    isSecret: true,
  }),
  alertLagMs: setting({
    name: "TIDEMILL_ALERT_LAG",
    meaning:
      "Time that a run may be due without being created before an alert says so; without it, none does",
    schema: duration.optional(),
  }),
  alertProcessLost: setting({
    name: "TIDEMILL_ALERT_PROCESS_LOST",
    default: "false",
    meaning: "Whether a scheduler or worker that vanished gives an alert",
    schema: flag,
  }),
  webhookUrl: setting({
    name: "TIDEMILL_WEBHOOK_URL",
    meaning: "URL that receives every alert that no route takes, as signed JSON",
    schema: httpUrl.optional(),
    isSecret: true,
  }),
  webhookSecret: setting({
    name: "TIDEMILL_WEBHOOK_SECRET",
    meaning: "Secret with which webhooks are signed; at least 16 characters",
    schema: z.string().min(16, "must have at least 16 characters").optional(),
    isSecret: true,
  }),
  webhookPrivate: setting({
    name: "TIDEMILL_WEBHOOK_PRIVATE",
    default: "false",
    meaning: "Whether webhooks may go to private, loopback and link-local addresses",
    schema: flag,
  }),
  logRetentionDays: setting({
    name: "TIDEMILL_LOG_RETENTION_DAYS",
    default: "30",
    meaning: "Days that log lines of tasks are kept",
    schema: whole(1, 36_500),
  }),
  eventRetentionDays: setting({
    name: "TIDEMILL_EVENT_RETENTION_DAYS",
    default: "90",
    meaning: "Days that events are kept",
    schema: whole(1, 36_500),
  }),
  runRetentionDays: setting({
    name: "TIDEMILL_RUN_RETENTION_DAYS",
    default: "365",
    meaning: "Days that finished runs and their tries are kept",
    schema: whole(1, 36_500),
  }),
} as const;

export type SettingKey = keyof typeof settingTable;
/** The settings as parsed, secrets still plain. */
export type SettingValues = {
  readonly [K in SettingKey]: z.output<(typeof settingTable)[K]["schema"]>;
};

/** A setting as documentation shows it. */
export interface Setting {
  /** The environment variable. */
  readonly name: string;
  /** Its name in {@link SettingValues} and in the overrides of `loadConfig`. */
  readonly key: SettingKey;
  readonly default: string | undefined;
  readonly meaning: string;
  readonly isSecret: boolean;
}

/** Every setting with its default and meaning, for `tidemill doctor` and the documentation. */
export const settings: readonly Setting[] = Object.freeze(
  Object.entries<SettingOptions<z.ZodType>>(settingTable).map(([key, options]) =>
    Object.freeze({
      name: options.name,
      key: key as SettingKey,
      default: options.default,
      meaning: options.meaning,
      isSecret: options.isSecret ?? false,
    }),
  ),
);
