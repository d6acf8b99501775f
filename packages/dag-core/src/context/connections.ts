import { readFile } from "node:fs/promises";
import type { ConnectionRef } from "../definition/connection.ts";
import { addressOf } from "../kernel/address.ts";
import type { Environment } from "../kernel/read-variable.ts";
import { connectionPrefix as prefix, connectionVariable } from "../kernel/connections.ts";
import { TidemillError, tidemillError, toError } from "../kernel/errors.ts";
import { type NamedSecret, namedSecretsOf } from "../kernel/named-secrets.ts";
import { settledWithin } from "./settled-within.ts";

const fileSuffix = "_FILE";
const closeLimitMs = 5_000;

/** Ids, in lower case, of the connections that an environment defines. */
function definedConnections(env: Environment): readonly string[] {
  const names = Object.keys(env).filter((name) => name.startsWith(prefix) && env[name]);
  const ids = names.map((name) =>
    name
      .slice(prefix.length)
      .replace(/_FILE$/, "")
      .toLowerCase(),
  );
  return [...new Set(ids)].sort();
}

/**
 * The URI of a connection: `TIDEMILL_CONN_<ID>`, else the contents of the file that `TIDEMILL_CONN_<ID>_FILE` names.
 *
 * @throws TidemillError `TIDEMILL_CONNECTION_MISSING` when neither is set or the file cannot be read.
 */
export async function connectionUri(connectionId: string, env: Environment): Promise<string> {
  const variable = connectionVariable(connectionId);
  const given = env[variable]?.trim();
  if (given) return given;
  const missing = (cause?: unknown) =>
    tidemillError(
      "TIDEMILL_CONNECTION_MISSING",
      { connectionId, variable, known: definedConnections(env) },
      { cause },
    );
  const file = env[variable + fileSuffix];
  if (!file) throw missing();
  const uri = await readFile(file, "utf8").catch((cause: unknown) => {
    throw missing(cause);
  });
  if (uri.trim() === "") throw missing();
  return uri.trim();
}

/** Every secret that user code can come by through its environment; what the logs of its attempts must not show. */
export async function environmentSecrets(env: Environment): Promise<readonly NamedSecret[]> {
  const files = Object.keys(env).filter((n) => n.startsWith(prefix) && n.endsWith(fileSuffix));
  const inFiles = files.map(async (name) => {
    const uri = await readFile(env[name] ?? "", "utf8").catch(() => "");
    return [name, uri] as const;
  });
  return [
    ...namedSecretsOf(env),
    ...namedSecretsOf(Object.fromEntries(await Promise.all(inFiles))),
  ];
}

export interface AttemptConnectionsOptions {
  readonly env: Environment;
  readonly taskId: string;
  readonly signal: AbortSignal;
  /** Told of a hook that could not be closed. */
  readonly warn: (message: string) => void;
}

/** The connections of one attempt: each opened at most once, all closed at its end, the last opened first. */
export class AttemptConnections {
  readonly #options: AttemptConnectionsOptions;
  readonly #opened = new Map<string, Promise<AsyncDisposable>>();
  #isClosed = false;

  constructor(options: AttemptConnectionsOptions) {
    this.#options = options;
  }

  /**
   * @throws TidemillError `TIDEMILL_CONNECTION_MISSING`, `TIDEMILL_CONNECTION_UNREACHABLE`;
   *   `TIDEMILL_STATE_REFUSED` when the attempt is over.
   */
  async open<H>(ref: ConnectionRef<H>): Promise<H> {
    if (this.#isClosed) {
      const subject = `The attempt of task "${this.#options.taskId}"`;
      const remedy = "await everything that a task starts before it returns";
      throw tidemillError("TIDEMILL_STATE_REFUSED", { subject, state: "over", remedy });
    }
    const key = `${ref.system} ${ref.connectionId}`;
    const opening = this.#opened.get(key) ?? this.#openFirst(ref);
    this.#opened.set(key, opening);
    try {
      return (await opening) as H & AsyncDisposable;
    } catch (error) {
      this.#opened.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [key, opening] of [...this.#opened].reverse()) {
      const closing = opening.then(
        (hook) => hook[Symbol.asyncDispose](),
        () => undefined,
      );
      const problem = await settledWithin(closing, closeLimitMs);
      if (problem !== undefined) this.#options.warn(`${key} was not closed: ${problem}`);
    }
  }

  async #openFirst<H>(ref: ConnectionRef<H>): Promise<H & AsyncDisposable> {
    const uri = await connectionUri(ref.connectionId, this.#options.env);
    try {
      return await ref.open(uri, this.#options.signal);
    } catch (error) {
      throw error instanceof TidemillError ? error : unreachable(ref, uri, error);
    }
  }
}

/** @param problem Defaults to what the error says. */
export function unreachable(
  ref: ConnectionRef<unknown>,
  uri: string,
  error: unknown,
  problem?: string,
): TidemillError {
  const { message, code } = toError(error) as Error & { code?: unknown };
  const details = {
    system: ref.system,
    address: addressOf(uri),
    problem: problem ?? (message || String(code)),
    remedy: `start it, or correct ${connectionVariable(ref.connectionId)}`,
  };
  return tidemillError("TIDEMILL_CONNECTION_UNREACHABLE", details, { cause: error });
}
