import { userInfo } from "node:os";
import type { Client } from "../client/create-client.ts";
import type { Config } from "../kernel/config.ts";
import { tidemillError } from "../kernel/errors.ts";
import type { Database } from "../store/database.ts";
import { maskSecrets, note } from "./output.ts";

/** What a command works with. */
export interface Session {
  readonly config: Config;
  readonly database: Database;
  readonly client: Client;
}

/** The settings; from here on their secrets are masked. */
export async function readConfig(): Promise<Config> {
  const { loadConfig } = await import("../kernel/config.ts");
  const config = loadConfig();
  maskSecrets(config.secrets());
  return config;
}

/**
 * Runs a command on the database and closes it.
 *
 * @throws TidemillError `TIDEMILL_DATABASE_MISSING`, `TIDEMILL_DATABASE_UNREACHABLE`, `TIDEMILL_SCHEMA_TOO_OLD`
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const config = await readConfig();
  return withDatabase(config, async (database) => {
    const { createClient } = await import("../client/create-client.ts");
    return work({ config, database, client: createClient({ database, actor: actorName() }) });
  });
}

export async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  return withSession(({ client }) => work(client));
}

/** Says so when nothing will take up what a command asked for. @returns the number of schedulers that are alive */
export async function noteIfNoScheduler(
  { client, config }: Pick<Session, "client" | "config">,
  whatThen: string,
): Promise<number> {
  const { schedulers } = await client.readModel.health({ leaseMs: config.leaseMs });
  if (schedulers === 0) note(`No scheduler is alive; ${whatThen} when one is`);
  return schedulers;
}

/** Opens the database of the settings. The schema in it may be older or absent. */
export async function withDatabase<T>(
  config: Config,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (!config.databaseUrl) throw tidemillError("TIDEMILL_DATABASE_MISSING");
  const { Database } = await import("../store/database.ts");
  const url = config.databaseUrl.reveal();
  const applicationName = "tidemill cli";
  const database = new Database({ url, schema: config.schema, connections: 2, applicationName });
  try {
    await database.ping();
    return await work(database);
  } catch (error) {
    throw await explained(database, error);
  } finally {
    await database.close();
  }
}

/** Codes of Postgres for a table, column, function or schema that is not there. */
const schemaCodes: ReadonlySet<unknown> = new Set(["42P01", "42703", "42883", "3F000"]);

/** A missing table is told as a schema that is behind, a connection that broke as a database that is away. */
async function explained(database: Database, error: unknown): Promise<unknown> {
  const { isTransient } = await import("../store/transient-errors.ts");
  if (isTransient(error))
    return (await import("../store/database.ts")).unreachable(database.url, error);
  if (!schemaCodes.has((error as { readonly code?: unknown }).code)) return error;
  const { migrationState } = await import("../store/migrate.ts");
  const { found, known } = await migrationState(database);
  return found < known ? tidemillError("TIDEMILL_SCHEMA_TOO_OLD", { found, known }) : error;
}

/** Who does it, for the events: the user of the operating system. */
function actorName(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return "cli:unknown";
  }
}
