import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { tidemillError } from "../kernel/errors.ts";
import type { Database } from "./database.ts";
import { type Migration, readMigrations } from "./migrations.ts";
import { isLockMissed } from "./transient-errors.ts";

interface AppliedRow {
  readonly number: number;
  readonly is_breaking: boolean;
}

export interface MigrationState {
  /** Newest migration in the database; 0 for none. */
  readonly found: number;
  /** Newest migration of this version. */
  readonly known: number;
  readonly pending: readonly string[];
  /** Whether the database is ahead by a migration that this version cannot work with. */
  readonly isTooNew: boolean;
}

async function prepare(client: pg.Client, schema: string): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  // Two processes that start at once would both try to create the schema; the second waits here.
  await client.query("select pg_advisory_lock(hashtext('tidemill migrate'))");
  await client.query(`create schema if not exists ${name}`);
  await client.query(
    `create table if not exists ${name}.migration (
       number integer primary key, name text not null, is_breaking boolean not null,
       applied_at timestamptz not null default now())`,
  );
}

async function appliedRows(client: pg.Client): Promise<readonly AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    "select number, is_breaking from migration order by number",
  );
  return rows;
}

const newestBreaking = (applied: readonly AppliedRow[], known: number): AppliedRow | undefined =>
  applied.filter((row) => row.number > known && row.is_breaking).at(-1);

function refuseNewer(applied: readonly AppliedRow[], known: number): void {
  const newer = newestBreaking(applied, known);
  if (newer) throw tidemillError("TIDEMILL_SCHEMA_TOO_NEW", { found: newer.number, known });
}

const lockTimeoutMs = 2_000;
const betweenTurnsMs = 500;
const mostTurns = 120;

/**
 * A migration waits for the locks of its tables in short turns: whoever comes after one that waits waits behind it, so
 * that in a long turn behind a dump nothing would run. A deadlock with what runs, where it is the one ended, costs it a turn too.
 *
 * @throws TidemillError `TIDEMILL_MIGRATION_BLOCKED` when the tables are held for minutes
 */
async function applyInTurns(client: pg.Client, migration: Migration): Promise<void> {
  for (let turn = 1; turn <= mostTurns; turn++) {
    try {
      return await apply(client, migration);
    } catch (error) {
      if (!migration.inTransaction || !isLockMissed(error)) throw error;
    }
    await setTimeout(betweenTurnsMs);
  }
  throw tidemillError("TIDEMILL_MIGRATION_BLOCKED", { name: migration.name });
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  if (migration.inTransaction) {
    await client.query(`begin; set local lock_timeout = ${lockTimeoutMs}`);
  }
  try {
    await client.query(migration.sql);
    // Afterwards, so that one outside of a transaction does not count as applied when it has failed.
    await client.query("insert into migration (number, name, is_breaking) values ($1, $2, $3)", [
      migration.number,
      migration.name,
      migration.isBreaking,
    ]);
    if (migration.inTransaction) await client.query("commit");
  } catch (error) {
    // The first error is the one to report; a connection that cannot roll back is gone anyway.
    if (migration.inTransaction) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Brings the schema up to date; safe to call from several processes at once.
 *
 * @returns names of the migrations that were applied
 * @throws TidemillError `TIDEMILL_SCHEMA_TOO_NEW` when the database is ahead by a breaking migration;
 *   `TIDEMILL_MIGRATION_BLOCKED` when others hold its tables for minutes
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  const known = readMigrations();
  const client = await database.connect();
  try {
    await prepare(client, database.schema);
    const applied = await appliedRows(client);
    refuseNewer(applied, known.at(-1)?.number ?? 0);
    const done = new Set(applied.map((row) => row.number));
    const pending = known.filter((migration) => !done.has(migration.number));
    for (const migration of pending) await applyInTurns(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

/** How far the database is, without changing it. */
export async function migrationState(database: Database): Promise<MigrationState> {
  const known = readMigrations();
  const client = await database.connect();
  try {
    const { rows } = await client.query("select to_regclass('migration') is not null as there");
    const applied = rows[0].there ? await appliedRows(client) : [];
    const done = new Set(applied.map((row) => row.number));
    const newest = known.at(-1)?.number ?? 0;
    return {
      found: applied.at(-1)?.number ?? 0,
      known: newest,
      pending: known.filter((m) => !done.has(m.number)).map((m) => m.name),
      isTooNew: newestBreaking(applied, newest) !== undefined,
    };
  } finally {
    await client.end();
  }
}

/** @throws TidemillError `TIDEMILL_SCHEMA_TOO_OLD`; `TIDEMILL_SCHEMA_TOO_NEW` when it is ahead by a breaking migration */
export async function requireSchema(database: Database): Promise<void> {
  const { found, known, pending, isTooNew } = await migrationState(database);
  if (isTooNew) throw tidemillError("TIDEMILL_SCHEMA_TOO_NEW", { found, known });
  if (pending.length > 0) throw tidemillError("TIDEMILL_SCHEMA_TOO_OLD", { found, known });
}
