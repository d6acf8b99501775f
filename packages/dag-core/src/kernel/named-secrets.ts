import { connectionPrefix } from "./connections.ts";
import { createRedactor, type Redactor, shortestSecret } from "./redact.ts";

/** A secret and what a person knows it by. */
export interface NamedSecret {
  readonly value: string;
  /** A variable, or `connection "dwh"`. */
  readonly name: string;
  /** Whether it is the value of a variable and nothing but the variable's name says so. */
  readonly isByName: boolean;
}

/** Names the variables that are no secrets though their names say so. */
export const publicVariables = "TIDEMILL_PUBLIC_VARIABLES";

const secretName =
  /TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|PRIVATE|API_?KEY|(?:^|_)(?:KEYS?|PASS)(?:_|$)/i;
/** From the first colon of the authority to its last `@`: a password that should have been encoded may hold `/` and `@`. */
const uriPassword = /:\/\/[^\s:@/]*:(\S+)@/;
const uriParameter = /[?&;]([^=&;\s]+)=([^&;#\s]+)/g;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The secrets of an environment: values of variables whose name says so and that
 * `TIDEMILL_PUBLIC_VARIABLES` does not list, and of any variable the password in a URI, in its
 * user part or its query.
 *
 * @example secretsOf({ TIDEMILL_CONN_DWH: "postgres://etl:s3cret@db/dwh" }) // ["s3cret"]
 */
export function secretsOf(env: Variables): readonly string[] {
  return [...new Set(namedSecretsOf(env).map(({ value }) => value))];
}

/** The secrets of an environment, each with its variable. */
export function namedSecretsOf(env: Variables): readonly NamedSecret[] {
  const open = new Set(namesIn(env[publicVariables] ?? ""));
  const found = Object.entries(env).flatMap(([name, value]) => {
    if (value === undefined || name === publicVariables) return [];
    const isByName = secretName.test(name) && !name.endsWith("_FILE") && !open.has(name);
    const inUri = passwordsOfUri(value).map((one) => ({ name, value: one, isByName: false }));
    return isByName ? [{ name, value, isByName }, ...inUri] : inUri;
  });
  return found.filter(({ value }) => value.length >= shortestSecret);
}

export const redactorOf = (secrets: readonly NamedSecret[]): Redactor =>
  createRedactor(secrets.map(({ value }) => value));

/** The settings' own secrets are secrets whatever a list says; a connection's variable may hold none. */
export const isPublishable = (name: string): boolean =>
  /^[A-Za-z_]\w*$/.test(name) &&
  name !== "TELEGRAM_BOT_TOKEN" &&
  (!name.startsWith("TIDEMILL_") || name.startsWith(connectionPrefix));

/** The names in a list that commas separate. */
export const namesIn = (list: string): readonly string[] =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

/**
 * The passwords in a URI, as written and decoded.
 *
 * @example passwordsOfUri("kafka://broker:9092?user=a&password=b%20cd") // ["b%20cd", "b cd"]
 */
export function passwordsOfUri(uri: string): readonly string[] {
  const password = uriPassword.exec(uri)?.[1];
  const parameters = [...uri.matchAll(uriParameter)]
    .filter(([, name]) => secretName.test(name ?? ""))
    .map(([, , value]) => value ?? "");
  const written = password === undefined ? parameters : [password, ...parameters];
  return [...new Set(written.flatMap((text) => [text, decoded(text)]))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
