import type { Connections } from "./connections.ts";
import { type NamedSecret, namedSecretsOf, passwordsOfUri } from "./named-secrets.ts";
import type { Secret } from "./secret.ts";
import { settingTable, type SettingValues } from "./settings.ts";

interface Webhook {
  readonly url: Secret;
  readonly secret: Secret;
}

/** What the settings hold that no list of public variables can open, wherever it was read. */
export function settingSecrets({
  databaseUrl,
  telegramToken,
}: Partial<Pick<SettingValues, "databaseUrl" | "telegramToken">>): readonly NamedSecret[] {
  const inUri = namedSecretsOf({ [settingTable.databaseUrl.name]: databaseUrl });
  const { name } = settingTable.telegramToken;
  return telegramToken ? [...inUri, { name, value: telegramToken, isByName: false }] : inUri;
}

/** What a webhook's address holds beyond its host may be a token. */
export function webhookSecrets(targets: readonly (Webhook | undefined)[]): readonly NamedSecret[] {
  return targets.flatMap((target) => {
    if (!target) return [];
    const { hostname, pathname, search } = new URL(target.url.reveal());
    const values = [target.secret.reveal(), ...[pathname, search].filter(isTokenLike)];
    return values.map((value) => ({ value, name: `the webhook at ${hostname}`, isByName: false }));
  });
}

/** A path that names a place, such as `/hooks/tidemill`, is no secret. */
const isTokenLike = (part: string): boolean => part.length >= 24;

/** The passwords of connections: those of the local stack and of files stand in no variable. */
export function connectionSecrets(connections: Connections): readonly NamedSecret[] {
  return connections.ids().flatMap((id) => {
    const uri = connections.get(id)?.reveal() ?? "";
    const name = `connection "${id}"`;
    return passwordsOfUri(uri).map((value) => ({ value, name, isByName: false }));
  });
}
