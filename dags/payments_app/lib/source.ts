import {
  type ConnectionRef,
  parseNamedParameters,
  type TaskContext,
  TidemillError,
  tidemillError,
} from "@tidemill/dag-core";
import { mysql } from "@tidemill/tasks/mysql";
import { oracle } from "@tidemill/tasks/oracle";
import { postgres, type PostgresHook } from "@tidemill/tasks/postgres";
import { paymentsApp } from "../../connections.ts";
import type { DatabaseName } from "./tables.ts";

export type SourceRow = Readonly<Record<string, unknown>>;

/** A database to extract from, whichever it is: one query at a time, rows in batches. */
export interface Source extends AsyncDisposable {
  readonly system: string;
  /** @param text SQL with `@name` parameters; column names of the rows are in lower case. */
  read(
    text: string,
    values: Readonly<Record<string, unknown>>,
  ): AsyncIterable<readonly SourceRow[]>;
}

const batchSize = 5_000;

/** `@name` as `$1`: rows are read through a cursor, which takes parameters by position. */
function positional(text: string, values: Readonly<Record<string, unknown>>) {
  const { parts, names } = parseNamedParameters(text);
  const numbered = parts.map((part, i) => (i === 0 ? part : `$${i}${part}`)).join("");
  return { text: numbered, values: names.map((name) => values[name]) };
}

const overPostgres = (hook: PostgresHook): Source => ({
  system: "PostgreSQL",
  read(text, values) {
    const query = positional(text, values);
    return hook.stream<SourceRow>(query.text, query.values, { batchSize });
  },
  [Symbol.asyncDispose]: () => hook[Symbol.asyncDispose](),
});

async function openSource(id: string, uri: string, signal: AbortSignal): Promise<Source> {
  const scheme = uri.slice(0, uri.indexOf(":"));
  if (scheme === "postgres" || scheme === "postgresql") {
    return overPostgres(await postgres(id).open(uri, signal));
  }
  if (scheme !== "mysql" && scheme !== "mariadb" && scheme !== "oracle") {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `Connection "${id}"`,
      problem: `has an address of scheme "${scheme}"`,
      remedy: "use mysql, mariadb, postgres or oracle",
    });
  }
  const hook = await (scheme === "oracle" ? oracle(id) : mysql(id)).open(uri, signal);
  return {
    system: scheme === "oracle" ? "Oracle" : "MySQL",
    read: (text, values) => hook.stream<SourceRow>(text, values, { batchSize }),
    [Symbol.asyncDispose]: () => hook[Symbol.asyncDispose](),
  };
}

const source = (connectionId: string): ConnectionRef<Source> => ({
  connectionId,
  system: "database",
  open: (uri, signal) => openSource(connectionId, uri, signal),
  async test(uri, signal) {
    await using opened = await openSource(connectionId, uri, signal);
    return opened.system;
  },
});

/** The databases of the app; without an address a schema of the warehouse stands in for each. */
export const sources: Readonly<Record<DatabaseName, ConnectionRef<Source>>> = {
  bitrix: source("payments_bitrix"),
  payments: source("payments_source"),
  oracle: source("payments_oracle"),
};
const emulated: Readonly<Record<DatabaseName, string>> = {
  bitrix: "src_bitrix",
  payments: "src_payments",
  oracle: "src_oracle",
};

/** The warehouse's own address, looking at one schema only. */
function emulationUri(hook: PostgresHook, schema: string): string {
  const { host, port, database, user, password } = hook.endpoint;
  const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const uri = new URL(`postgres://${account}@${host}:${port}/${encodeURIComponent(database)}`);
  const settings = `-c search_path=${schema} -c TimeZone=UTC -c DateStyle=ISO`;
  uri.searchParams.set("options", settings);
  return uri.href;
}

/** Opens a source: the real one if its connection has an address, else its stand-in. */
export async function openDatabase(ctx: TaskContext, name: DatabaseName): Promise<Source> {
  const ref = sources[name];
  try {
    // The engine closes it at the end of the attempt; whoever disposes of it here must not be before.
    return { ...(await ctx.open(ref)), [Symbol.asyncDispose]: () => Promise.resolve() };
  } catch (error) {
    const isMissing =
      error instanceof TidemillError && error.code === "TIDEMILL_CONNECTION_MISSING";
    if (!isMissing) throw error;
  }
  const warehouse = await ctx.open(paymentsApp);
  const uri = emulationUri(warehouse, emulated[name]);
  const stand = overPostgres(await postgres(ref.connectionId).open(uri, ctx.signal));
  return { ...stand, system: `${emulated[name]} (emulated)` };
}
