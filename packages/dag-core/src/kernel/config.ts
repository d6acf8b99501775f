import { resolve } from "node:path";
import { type AlertRoute, routesOf, webhookOf, type WebhookTarget } from "./alert-targets.ts";
import { connectionSecrets, settingSecrets, webhookSecrets } from "./config-secrets.ts";
import { Connections, connectionPrefix } from "./connections.ts";
import { tidemillError } from "./errors.ts";
import { type NamedSecret, namedSecretsOf } from "./named-secrets.ts";
import { type Environment, fileSuffix, readConnections, readVariable } from "./read-variable.ts";
import { Secret } from "./secret.ts";
import {
  settings,
  settingTable,
  type Setting,
  type SettingKey,
  type SettingValues,
} from "./settings.ts";
import { readStack } from "./stack-addresses.ts";

type NestedKey =
  | "databaseUrl"
  | "telegramToken"
  | "telegramChatId"
  | "telegramUrl"
  | "alertRoutes"
  | "webhookUrl"
  | "webhookSecret"
  | "webhookPrivate";

export interface TelegramConfig {
  readonly token?: Secret | undefined;
  readonly chatId?: string | undefined;
  /** Address of the Bot API server. */
  readonly url: string;
}

export interface WebhookConfig {
  /** Receives every alert that no route takes. */
  readonly target?: WebhookTarget | undefined;
  /** Whether private, loopback and link-local addresses may be reached. */
  readonly allowsPrivate: boolean;
}

/** What an installation is told from outside, checked and frozen. */
export interface Config extends Omit<SettingValues, NestedKey> {
  readonly databaseUrl?: Secret | undefined;
  readonly telegram: TelegramConfig;
  readonly webhook: WebhookConfig;
  /** Where alerts of some DAGs go; the others go to the chat and the webhook of the settings. */
  readonly alertRoutes: readonly AlertRoute[];
  /** Addresses of the systems that tasks reach, by connection id. */
  readonly connections: Connections;
  /** Every secret value that logs, errors and alerts must mask; for `createRedactor`. */
  readonly secrets: () => readonly string[];
  /** The same with the variable or the connection of each, to tell a person which one. */
  readonly namedSecrets: () => readonly NamedSecret[];
  /** What a person should know about these settings though nothing is refused. */
  readonly warnings: readonly string[];
}

export interface LoadConfigOptions {
  readonly env?: Environment;
  /** The folder that relative paths start from. Defaults to the process's. */
  readonly cwd?: string;
  /** Values that win over the environment, as options of a command or of `createEngine`. */
  readonly overrides?: { readonly [K in SettingKey]?: SettingValues[K] | undefined };
}

/**
 * Reads the settings from the environment, from files named by `<NAME>_FILE` and from the file of
 * the local stack, in this order, behind the overrides.
 *
 * @throws TidemillError `TIDEMILL_SETTING_UNKNOWN` for a `TIDEMILL_*` variable that is no setting;
 *   `TIDEMILL_CONFIG_INVALID` for a value that breaks the rule of its setting.
 * @example loadConfig({ env: { TIDEMILL_LEASE: "30s" } }).leaseMs // 30000
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const { env = process.env, cwd = process.cwd(), overrides = {} } = options;
  refuseUnknown(env);
  const parsed = parseSettings(env, cwd, overrides);
  refuseContradictions(parsed);
  const { telegramToken, telegramChatId, telegramUrl, ...others } = parsed;
  const { webhookUrl, webhookSecret, webhookPrivate, ...values } = others;
  const stack = readStack(resolve(cwd, values.stackFile));
  const databaseUrl = values.databaseUrl ?? stack.databaseUrl;
  const connections = new Connections({ ...stack.connections, ...readConnections(env, cwd) });
  const target = webhookOf({ webhookUrl, webhookSecret });
  const routes = routesOf(parsed, env);
  const secrets = [
    ...namedSecretsOf({ ...env, [settingTable.publicVariables.name]: values.publicVariables }),
    ...settingSecrets({ databaseUrl, telegramToken }),
    ...webhookSecrets([...routes.map((route) => route.webhook), target]),
  ];
  const namedSecrets = () => [...secrets, ...connectionSecrets(connections)];
  return Object.freeze({
    ...values,
    dagsFolder: resolve(cwd, values.dagsFolder),
    sqlFolder: resolve(cwd, values.sqlFolder),
    stackFile: resolve(cwd, values.stackFile),
    databaseUrl: secretOrNone(databaseUrl),
    telegram: Object.freeze({
      token: secretOrNone(telegramToken),
      chatId: telegramChatId,
      url: telegramUrl,
    }),
    webhook: Object.freeze({ target, allowsPrivate: webhookPrivate }),
    alertRoutes: Object.freeze(routes),
    connections,
    secrets: () => [...new Set(namedSecrets().map(({ value }) => value))],
    namedSecrets,
    warnings: Object.freeze(warningsOf(parsed)),
  });
}

const secretOrNone = (text: string | undefined): Secret | undefined =>
  text === undefined ? undefined : new Secret(text);

const freePrefixes = [connectionPrefix, "TIDEMILL_TEST_"];
const knownNames = settings.flatMap(({ name, isSecret }) =>
  isSecret ? [name, name + fileSuffix] : [name],
);

function refuseUnknown(env: Environment): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith("TIDEMILL_") || knownNames.includes(name)) continue;
    if (freePrefixes.some((prefix) => name.startsWith(prefix))) continue;
    throw tidemillError("TIDEMILL_SETTING_UNKNOWN", { name, known: knownNames });
  }
}

function parseSettings(
  env: Environment,
  cwd: string,
  overrides: NonNullable<LoadConfigOptions["overrides"]>,
): SettingValues {
  const entries = settings.map((setting) => {
    const given = overrides[setting.key] ?? readVariable(env, cwd, setting) ?? setting.default;
    return [setting.key, parseSetting(setting, given)] as const;
  });
  return Object.fromEntries(entries) as SettingValues;
}

function parseSetting(setting: Setting, given: unknown): unknown {
  const parsed = settingTable[setting.key].schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue && issue.path.length > 0 ? `at ${issue.path.join(".")} ` : "";
  throw tidemillError("TIDEMILL_CONFIG_INVALID", {
    name: setting.name,
    value: setting.isSecret ? "***" : String(given),
    problem: `which ${place}${issue?.message ?? "does not fit"}`,
    remedy: `correct it, or leave it out for ${setting.default ?? "none"}`,
  });
}

function refuseContradictions(values: SettingValues): void {
  if (values.heartbeatMs * 2 <= values.leaseMs) return;
  throw tidemillError("TIDEMILL_CONFIG_INVALID", {
    name: settingTable.heartbeatMs.name,
    value: `${values.heartbeatMs}ms`,
    problem: `more than half of the lease of ${values.leaseMs}ms`,
    remedy: `shorten it, or lengthen ${settingTable.leaseMs.name}`,
  });
}

function warningsOf(values: SettingValues): string[] {
  if (values.telegramToken === undefined || values.telegramChatId !== undefined) return [];
  return [
    "TELEGRAM_BOT_TOKEN is set and TELEGRAM_CHAT_ID is not, so alerts go to the log; name the chat that receives them",
  ];
}
