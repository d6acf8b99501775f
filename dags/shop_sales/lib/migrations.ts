import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { TaskContext } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { shopSales } from "../../connections.ts";
import { sql } from "./sql.ts";

const folder = (): string =>
  resolve(process.env["TIDEMILL_SQL_FOLDER"] ?? "sql", "shop_sales", "migrations");

/** The migrations that there are, in order: each has a file `<name>.up.sql` and the way back `<name>.down.sql`. */
export async function knownMigrations(): Promise<string[]> {
  const files = await readdir(folder());
  return files
    .filter((file) => file.endsWith(".up.sql"))
    .map((file) => file.slice(0, -".up.sql".length))
    .sort();
}

async function appliedMigrations(tx: PostgresTransaction): Promise<string[]> {
  const { rows } = await sql.run<{ migration: string }>(tx, "transform/etl/applied_migrations.sql");
  return rows.map(({ migration }) => migration);
}

/** Creates what is missing of the first layout, without statuses and retention; what is there stays. */
export async function initSchema(tx: PostgresTransaction): Promise<void> {
  await sql.run(tx, "../lib/transform/etl/prepare_load.sql", { target_table: "etl.migrations" });
  for (const file of await sql.included("init_schema.sql")) await tx.query(await sql.read(file));
}

/**
 * Brings a database to the newest layout, whatever it has so far; done again, it changes nothing.
 *
 * @returns The migrations that were applied now.
 */
export async function migrateUp(tx: PostgresTransaction): Promise<string[]> {
  await initSchema(tx);
  const applied = await appliedMigrations(tx);
  const missing = (await knownMigrations()).filter((name) => !applied.includes(name));
  for (const migration of missing) {
    await tx.query(await sql.read(`migrations/${migration}.up.sql`));
    await sql.run(tx, "transform/etl/migration_applied.sql", { migration });
  }
  return missing;
}

/**
 * Takes migrations back, the last first.
 *
 * @param count How many. Defaults to all of them.
 * @returns The migrations that were taken back now.
 */
export async function migrateDown(tx: PostgresTransaction, count = Infinity): Promise<string[]> {
  await sql.run(tx, "../lib/transform/etl/prepare_load.sql", { target_table: "etl.migrations" });
  const reverted = (await appliedMigrations(tx)).reverse().slice(0, count);
  for (const migration of reverted) {
    await tx.query(await sql.read(`migrations/${migration}.down.sql`));
    await sql.run(tx, "transform/etl/migration_reverted.sql", { migration });
  }
  return reverted;
}

/** The schemas and migrations of `shop_sales`, in one transaction. */
export const applyMigrations = (ctx: TaskContext): Promise<{ applied: string[] }> =>
  ctx.transaction(shopSales, "apply_migrations", async (tx) => {
    const applied = await migrateUp(tx);
    ctx.log.info("schema is there", { applied });
    return { applied };
  });
