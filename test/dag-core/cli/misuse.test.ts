import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { runCli } from "../../helpers/run-cli.ts";
import { dagFile, dagFolder, type DagFolder } from "../../helpers/dag-folder.ts";
import { closedPort } from "../../helpers/task-systems.ts";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";

let fixture: TestDatabase;
let folder: DagFolder;
const run = (...args: readonly string[]) =>
  runCli(args, { env: { TIDEMILL_DATABASE_URL: fixture.url, TIDEMILL_DAGS_FOLDER: folder.path } });

beforeAll(async () => {
  fixture = await testDatabase();
  folder = await dagFolder({
    "good.ts": dagFile("good"),
    "throws.ts": 'throw new Error("no such table");',
    "connections.ts": `const ref = (connectionId) => ({ connectionId, system: "PostgreSQL",
      open: async () => ({}), test: async (uri) => { throw Object.assign(new Error("PostgreSQL at db:1 cannot be reached (refused); start it"),
        { code: "TIDEMILL_CONNECTION_UNREACHABLE" }); } });
    export const dwh = ref("dwh");
    export const lake = ref("lake");`,
  });
  const params = z.object({ region: z.enum(["eu", "us"]).default("eu") });
  await register(
    fixture.database,
    plainDag("orders", { extract: [], load: ["extract"] }, { params }),
    plainDag("daily", { a: [] }, { schedule: "@daily" }),
  );
  await insertRun(fixture.database, { dagId: "orders", runId: "first", state: "failed" });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await fixture.drop();
});

/** Command line, a part of the message, the code. */
const misuses: readonly (readonly [line: string, message: string, code: string])[] = [
  ["triger orders", `did you mean "trigger"?`, "TIDEMILL_USAGE"],
  ["runs lst", `did you mean "list"?`, "TIDEMILL_USAGE"],
  ["runs list --stat failed", `did you mean "--state"?`, "TIDEMILL_USAGE"],
  ["runs list --state broken", "Allowed choices are", "TIDEMILL_USAGE"],
  ["runs list --limit many", 'whole number from 1 to 10000; "--help"', "TIDEMILL_USAGE"],
  ["schedule check --years 1000", 'whole number from 1 to 50; "--help"', "TIDEMILL_USAGE"],
  ["runs list --output yaml", "Allowed choices are table, json", "TIDEMILL_USAGE"],
  ["trigger", "Missing required argument", "TIDEMILL_USAGE"],
  ["trigger orders --timeout soon", '"90s"', "TIDEMILL_USAGE"],
  ["trigger ordrs", `did you mean "orders"?`, "TIDEMILL_DAG_NOT_FOUND"],
  ["trigger orders --params {", "--params is not JSON", "TIDEMILL_INPUT_INVALID"],
  ["trigger orders --params [1]", "is not a JSON object", "TIDEMILL_INPUT_INVALID"],
  ["trigger orders --params @nowhere.json", "cannot be read", "TIDEMILL_INPUT_INVALID"],
  [`trigger orders --params {"region":"asia"}`, "region must be one of", "TIDEMILL_PARAMS_INVALID"],
  [`trigger orders --params {"regoin":"eu"}`, `did you mean "region"?`, "TIDEMILL_PARAMS_INVALID"],
  ["trigger daily --interval 2026-02-30", '"2026-02-30" is not a date', "TIDEMILL_DATE_INVALID"],
  ["trigger orders --interval 2026-02-03", "has no interval", "TIDEMILL_INTERVAL_NONE"],
  ["trigger orders --timeout 5s", "add --wait", "TIDEMILL_INPUT_INVALID"],
  [`trigger orders --run-id ${"x".repeat(300)}`, "has 300 characters", "TIDEMILL_ID_INVALID"],
  ["trigger orders --run-id a..b", 'holds ".."', "TIDEMILL_ID_INVALID"],
  ["trigger orders --run-id a/b", "character that ids may not have", "TIDEMILL_ID_INVALID"],
  ["trigger orders --run-id first", "exists already", "TIDEMILL_RUN_EXISTS"],
  ["dags show ordrs", `did you mean "orders"?`, "TIDEMILL_DAG_NOT_FOUND"],
  ["dags pause ordrs", `did you mean "orders"?`, "TIDEMILL_DAG_NOT_FOUND"],
  ["dags next-execution nothing", "once a scheduler was started with it", "TIDEMILL_DAG_NOT_FOUND"],
  ["runs show orders frist", `did you mean "first"?`, "TIDEMILL_RUN_NOT_FOUND"],
  ["runs cancel orders first", "is failed", "TIDEMILL_STATE_REFUSED"],
  ["tasks clear orders first lod", `did you mean "load"?`, "TIDEMILL_TASK_NOT_FOUND"],
  ["tasks clear orders", "names neither a run nor a range", "TIDEMILL_INPUT_INVALID"],
  [
    "tasks clear orders --from-date 2026-01-31 --to-date 2026-01-01",
    "is backward; exchange the dates",
    "TIDEMILL_INPUT_INVALID",
  ],
  ["tasks clear orders first --task-regex (", "regular expression", "TIDEMILL_INPUT_INVALID"],
  ["tasks mark orders first --state success", "is empty", "TIDEMILL_INPUT_INVALID"],
  ["tasks explain orders first lod", `did you mean "load"?`, "TIDEMILL_TASK_NOT_FOUND"],
  ["logs orders first load --try 99", "the last is 0", "TIDEMILL_INPUT_INVALID"],
  ["logs orders first load --map-index 50", "the highest is -1", "TIDEMILL_INPUT_INVALID"],
  ["logs orders first lod", `did you mean "load"?`, "TIDEMILL_TASK_NOT_FOUND"],
  ["backfill create daily --from-date 2026-01-01", "--to-date", "TIDEMILL_USAGE"],
  [
    "backfill create daily --from-date 2026-01-05 --to-date 2026-01-01",
    "backward",
    "TIDEMILL_BACKFILL_REFUSED",
  ],
  [
    "backfill create orders --from-date 2026-01-01 --to-date 2026-01-02",
    "no intervals",
    "TIDEMILL_BACKFILL_REFUSED",
  ],
  [
    "backfill plan --from-date 2026-01-01 --to-date 2026-01-02",
    "names no DAG",
    "TIDEMILL_INPUT_INVALID",
  ],
  ["backfill status 99", "does not exist", "TIDEMILL_BACKFILL_NOT_FOUND"],
  ["backfill pause seven", "does not exist", "TIDEMILL_BACKFILL_NOT_FOUND"],
  ["events send go --ttl 0s", "more than 0", "TIDEMILL_INPUT_INVALID"],
  ["events send go --ttl 99999999999999999999d", "at most 36500d", "TIDEMILL_USAGE"],
  ["pools set dwh many", "whole number", "TIDEMILL_INPUT_INVALID"],
  ["pools set default_pool 4", "has no cap", "TIDEMILL_INPUT_INVALID"],
  ["connections test dwhh", `did you mean "dwh"?`, "TIDEMILL_CONNECTION_UNKNOWN"],
  ["connections test dwh", "set TIDEMILL_CONN_DWH", "TIDEMILL_CONNECTION_MISSING"],
  ["tasks test goood a", `did you mean "good"?`, "TIDEMILL_DAG_NOT_FOUND"],
  ["tasks test good b", "is not a task of DAG", "TIDEMILL_TASK_NOT_FOUND"],
  ["tasks test throws a", "no such table", "TIDEMILL_DAG_FILE_THREW"],
];

describe("misuse", () => {
  test.each(misuses)("%s", async (line, message, code) => {
    const args = line.split(" ").filter((part) => part !== "");
    const told = await run(...args, ...(args.includes("--output") ? [] : ["--output", "json"]));
    const text = told.stderr.trim().split("\n").at(-1) ?? "";
    const said = args.includes("--output") ? { code, message: text } : JSON.parse(text).error;
    expect({ ...told, said }).toMatchObject({
      exitCode: 2,
      stdout: "",
      said: { code, message: expect.stringContaining(message) },
    });
    expect(told.stderr).not.toMatch(/\n\s+at /);
  });

  test.each([[[]], [["dags"]]])("%j: a command is missing", async (args) => {
    const told = await run(...args);
    expect(told.stderr).toContain("A command is missing");
    expect(told).toMatchObject({ exitCode: 2, stdout: "" });
  });

  test("nothing was changed by any of it", async () => {
    const [counts] = await sql(
      fixture.database,
      `select (select count(*)::int from dag_run) as runs, (select count(*)::int from event) as events,
         (select count(*)::int from backfill) as backfills, (select count(*)::int from pool) as pools`,
    );
    expect(counts).toEqual({ runs: 1, events: 0, backfills: 0, pools: 1 });
  });

  test("without --output json the message is the sentence alone", async () => {
    const { stderr, exitCode } = await run("trigger", "ordrs");
    expect(stderr).toBe(
      'DAG "ordrs" is not known here; "tidemill dags list" names the DAGs, did you mean "orders"?\n',
    );
    expect(exitCode).toBe(2);
  });
});

test("dev refuses a service that the local stack does not have", async () => {
  const env = { TIDEMILL_STACK_FILE: `${folder.path}/stack/stack.json` };
  const told = await runCli(["dev", "--services", "mongodb"], { env });
  expect(told).toMatchObject({ exitCode: 2, stdout: "" });
  expect(told.stderr).toContain('Service "mongodb" is not part of the local stack');
});

test("what no scheduler will take up is made all the same, and that is said", async () => {
  await using alone = await testDatabase();
  await register(alone.database, plainDag("daily", { a: [] }, { schedule: "@daily" }));
  const backfill = "backfill create daily --from-date 2026-01-01 --to-date 2026-01-02";
  for (const line of ["trigger daily -r one", backfill]) {
    const told = await runCli(line.split(" "), { env: { TIDEMILL_DATABASE_URL: alone.url } });
    expect(told.exitCode).toBe(0);
    expect(told.stderr).toMatch(/^No scheduler is alive; .* when one is$/m);
  }
});

test("an update of an asset that no DAG runs for is stored, and that is said", async () => {
  await using alone = await testDatabase();
  const env = { TIDEMILL_DATABASE_URL: alone.url };
  const told = await runCli(["assets", "update", "nosuch"], { env });
  expect(told).toMatchObject({ exitCode: 0, stdout: "Asset nosuch is updated\n" });
  expect(told.stderr).toContain("No DAG runs for asset nosuch");
});

describe("the database", () => {
  test("away: exit code 3, the address, no password", async () => {
    const port = await closedPort();
    const url = `postgres://etl:s3cretword@127.0.0.1:${port}/tidemill`;
    const told = await runCli(["dags", "list"], { env: { TIDEMILL_DATABASE_URL: url } });
    expect(told.exitCode).toBe(3);
    expect(told.stderr).toContain(`The database at 127.0.0.1:${port}/tidemill cannot be reached`);
    expect(told.stderr).not.toContain("s3cretword");
  });

  test.each([
    ["a wrong password", (url: URL) => (url.username = "nobody_here"), "correct the user and the"],
    [
      "a database that is not there",
      (url: URL) => (url.pathname = "/gone"),
      "create that database",
    ],
  ])("refused for %s: exit code 3, and what is wrong", async (_, spoil, message) => {
    const url = new URL(fixture.url);
    spoil(url);
    const told = await runCli(["dags", "list"], { env: { TIDEMILL_DATABASE_URL: url.href } });
    expect(told.exitCode).toBe(3);
    expect(told.stderr).toContain("refuses the connection");
    expect(told.stderr).toContain(message);
  });

  test("of another kind: exit code 2", async () => {
    const env = { TIDEMILL_DATABASE_URL: "mysql://u:hiddenword@db/x" };
    const told = await runCli(["dags", "list"], { env });
    expect(told).toMatchObject({ exitCode: 2, stdout: "" });
    expect(told.stderr).toContain("must be a Postgres URI");
    expect(told.stderr).not.toContain("hiddenword");
  });

  test("not named: both ways to name one", async () => {
    const told = await runCli(["dags", "list"]);
    expect(told).toMatchObject({ exitCode: 2, stdout: "" });
    expect(told.stderr).toContain("@tidemill/local");
    expect(told.stderr).toContain("TIDEMILL_DATABASE_URL");
  });

  test("a setting that is none", async () => {
    const told = await runCli(["health"], { env: { TIDEMILL_DATABSE_URL: "postgres://x" } });
    expect(told.exitCode).toBe(2);
    expect(told.stderr).toContain('did you mean "TIDEMILL_DATABASE_URL"?');
  });
});

test("a connection that cannot be reached: exit code 1, system, address, remedy, no password", async () => {
  const env = {
    TIDEMILL_CONN_LAKE: "postgres://u:hiddenword@db:1/x",
    TIDEMILL_DAGS_FOLDER: folder.path,
  };
  const told = await runCli(["connections", "test", "lake"], { env });
  expect(told.exitCode).toBe(1);
  expect(told.stderr).toContain("PostgreSQL at db:1 cannot be reached (refused); start it");
  expect(told.stderr).not.toContain("hiddenword");
});

describe("DAG files", () => {
  test("check lists every problem and still looks at the others", async () => {
    const told = await run("check", "--output", "json");
    expect(told.exitCode).toBe(1);
    const { isOk, dags, problems } = JSON.parse(told.stdout);
    expect({ isOk, dags }).toEqual({ isOk: false, dags: ["good"] });
    expect(problems).toEqual([
      expect.objectContaining({
        level: "error",
        message: expect.stringContaining("no such table"),
      }),
    ]);
  });

  test("connections list tells where addresses come from, never what they are", async () => {
    const env = {
      TIDEMILL_CONN_LAKE: "postgres://u:hiddenword@db/x",
      TIDEMILL_DAGS_FOLDER: folder.path,
    };
    const told = await runCli(["connections", "list", "--output", "json"], { env });
    expect(JSON.parse(told.stdout)).toEqual([
      { connectionId: "dwh", system: "PostgreSQL", source: "missing, set TIDEMILL_CONN_DWH" },
      { connectionId: "lake", system: "PostgreSQL", source: "TIDEMILL_CONN_LAKE" },
    ]);
  });
});
