import type { AlertRouteSetting } from "./alert-routes.ts";
import { type TidemillError, tidemillError } from "./errors.ts";
import type { Environment } from "./read-variable.ts";
import { Secret } from "./secret.ts";
import { settingTable, type SettingValues } from "./settings.ts";

export interface WebhookTarget {
  /** May hold a token in its path. */
  readonly url: Secret;
  readonly secret: Secret;
}

/** A route as the channels need it: its webhook with the secret. */
export interface AlertRoute extends Omit<AlertRouteSetting, "webhook" | "secretFrom"> {
  readonly webhook?: WebhookTarget | undefined;
}

const leastSecret = 16;

/** @throws TidemillError `TIDEMILL_CONFIG_INVALID` for an address without a secret to sign with */
export function webhookOf({
  webhookUrl,
  webhookSecret,
}: Pick<SettingValues, "webhookUrl" | "webhookSecret">): WebhookTarget | undefined {
  if (webhookUrl === undefined) return undefined;
  if (webhookSecret !== undefined)
    return { url: new Secret(webhookUrl), secret: new Secret(webhookSecret) };
  const remedy = `set ${settingTable.webhookSecret.name}`;
  throw invalid(settingTable.webhookUrl.name, "which has no secret to sign with", remedy);
}

/** @throws TidemillError `TIDEMILL_CONFIG_INVALID` for a chat without a bot, and a webhook without a secret */
export function routesOf(
  { alertRoutes = [], webhookSecret, telegramToken }: SettingValues,
  env: Environment,
): readonly AlertRoute[] {
  return alertRoutes.map(({ webhook, secretFrom, ...route }, at) => {
    const problem = `whose route ${at + 1}`;
    if (route.chat !== undefined && telegramToken === undefined) {
      const remedy = `set ${settingTable.telegramToken.name}`;
      throw invalid(settingTable.alertRoutes.name, `${problem} names a chat without a bot`, remedy);
    }
    if (webhook === undefined) return route;
    const secret = secretFrom === undefined ? webhookSecret : env[secretFrom] || undefined;
    if (secret === undefined || secret.length < leastSecret) {
      const name = secretFrom ?? settingTable.webhookSecret.name;
      const remedy = `set ${name} to at least ${leastSecret} characters`;
      throw invalid(settingTable.alertRoutes.name, `${problem} has no secret to sign with`, remedy);
    }
    return { ...route, webhook: { url: new Secret(webhook), secret: new Secret(secret) } };
  });
}

const invalid = (name: string, problem: string, remedy: string): TidemillError =>
  tidemillError("TIDEMILL_CONFIG_INVALID", { name, value: "***", problem, remedy });
