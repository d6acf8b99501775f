import { describe, expect, test } from "@jest/globals";
import { Database } from "../../../packages/dag-core/src/store/database.ts";
import {
  migrate,
  migrationState,
  requireSchema,
} from "../../../packages/dag-core/src/store/migrate.ts";
import { testDatabase } from "../../helpers/database.ts";
import { sql } from "../../helpers/factory.ts";
import { heldTransaction, untilBlocked } from "../../helpers/held-transaction.ts";
import { until } from "../../helpers/until.ts";

/** The same database with a schema of its own in which nothing is yet. */
async function setup() {
  const { url, database, drop } = await testDatabase({ connections: 2 });
  const empty = new Database({ url, schema: "fresh", connections: 2 });
  return {
    empty,
    migrated: database,
    async [Symbol.asyncDispose]() {
      await empty.close();
      await drop();
    },
  };
}

/** Takes the last migration that needs the tables of runs back: they refer to each other again. */
const takeBack = `
  drop function dag_run_take_along cascade;
  drop function task_instance_take_along cascade;
  alter table task_instance add foreign key (dag_run_id) references dag_run on delete cascade;
  alter table task_ready add foreign key (task_instance_id) references task_instance on delete cascade;
  alter table limit_holder add foreign key (task_instance_id) references task_instance on delete cascade;
  alter table xcom add foreign key (task_instance_id) references task_instance on delete cascade;
  delete from migration where number = 30;
`;
const nobodyWaits = `not exists (
  select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')`;

const ahead = (isBreaking: boolean) =>
  `insert into migration (number, name, is_breaking) values (999999, '999999_later', ${isBreaking})`;

describe("migrating", () => {
  test("several processes at once apply each migration once", async () => {
    await using given = await setup();
    const { known, pending } = await migrationState(given.empty);
    const applied = await Promise.all([1, 2, 3].map(() => migrate(given.empty)));
    expect(applied.map((names) => names.length).sort((a, b) => a - b)).toEqual([
      0,
      0,
      pending.length,
    ]);
    expect(await migrate(given.empty)).toEqual([]);
    expect(await migrationState(given.empty)).toMatchObject({ found: known, pending: [] });
  });

  test("waits for its tables in turns, between which others come in", async () => {
    await using given = await setup();
    await given.migrated.script(takeBack);
    await using held = await heldTransaction(given.migrated);
    await held.query("select from task_instance");
    const migrating = migrate(given.migrated);
    await untilBlocked(given.migrated);
    await until(given.migrated, nobodyWaits);
    await held.commit();
    expect(await migrating).toEqual(["000030_let_rows_go_with_their_run"]);
  });

  test("is refused by a version that a breaking migration has left behind", async () => {
    await using given = await setup();
    await sql(given.migrated, ahead(true));
    await expect(migrate(given.migrated)).rejects.toMatchObject({
      code: "TIDEMILL_SCHEMA_TOO_NEW",
      details: { found: 999_999 },
    });
  });
});

describe("a process that does not migrate", () => {
  test("refuses a schema that is behind", async () => {
    await using given = await setup();
    const refused = { code: "TIDEMILL_SCHEMA_TOO_OLD", details: { found: 0 } };
    await expect(requireSchema(given.empty)).rejects.toMatchObject(refused);
  });

  test("refuses a schema that is ahead by a breaking migration", async () => {
    await using given = await setup();
    await sql(given.migrated, ahead(true));
    const refused = { code: "TIDEMILL_SCHEMA_TOO_NEW", details: { found: 999_999 } };
    await expect(requireSchema(given.migrated)).rejects.toMatchObject(refused);
  });

  test("works with a schema that is ahead by a migration that breaks nothing", async () => {
    await using given = await setup();
    await sql(given.migrated, ahead(false));
    await expect(requireSchema(given.migrated)).resolves.toBeUndefined();
  });
});
