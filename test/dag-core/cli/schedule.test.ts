import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testDatabase, type TestDatabase } from "../../helpers/database.ts";
import { dagFolder, type DagFolder } from "../../helpers/dag-folder.ts";
import { insertRun, plainDag, register, sql } from "../../helpers/factory.ts";
import { runCli } from "../../helpers/run-cli.ts";

let fixture: TestDatabase;
let folder: DagFolder;
const run = (...args: readonly string[]) =>
  runCli(args, {
    env: { TIDEMILL_DATABASE_URL: fixture.url, TIDEMILL_DAGS_FOLDER: folder.path },
  });
const file = (dagId: string, options: string, tasks: string) => `import { dag } from DAG_CORE;
export default dag("${dagId}", { startDate: "2026-01-01", ${options} }, ({ task }) => {${tasks}});
`;
const nightly = { schedule: "30 2 * * *", timezone: "Europe/Berlin", catchup: "all" } as const;

beforeAll(async () => {
  fixture = await testDatabase();
  folder = await dagFolder({
    "nightly.ts": file(
      "nightly",
      'schedule: "0 6 * * *", timezone: "Europe/Berlin", catchup: "all"',
      'task("a", { retries: 3, run: () => 1 }); task("report", { run: () => 1 });',
    ),
    "noon.ts": file("noon", 'schedule: "0 12 * * *"', 'task("a", { run: () => undefined });'),
  });
  await register(
    fixture.database,
    plainDag("nightly", { a: [] }, nightly),
    plainDag("noon", { a: [] }, { schedule: "0 12 * * *" }),
  );
  await sql(
    fixture.database,
    "update dag set last_interval_start = '2026-02-01T01:30Z', last_interval_end = '2026-02-02T01:30Z'",
  );
  await insertRun(fixture.database, { dagId: "nightly", runId: "going", state: "running" });
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
  await fixture.drop();
});

describe("schedule check", () => {
  test("lists what the clock changes of five years do to a DAG", async () => {
    const told = await run("schedule", "check", "nightly");
    expect(told.exitCode).toBe(0);
    const lines = told.stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^dag +local time +there +becomes +UTC$/);
    expect(lines.filter((line) => /02:30:00 +does not exist +shifted/.test(line))).toHaveLength(5);
    expect(lines.filter((line) => /02:30:00 +exists twice +second/.test(line))).toHaveLength(5);
    expect(lines.filter((line) => / 23h, not 24h /.test(line))).toHaveLength(5);
    expect(lines.filter((line) => / 25h, not 24h /.test(line))).toHaveLength(5);
  });

  test("as JSON, of all DAGs, over a year", async () => {
    const { stdout } = await run("schedule", "check", "--years", "1", "--output", "json");
    const found = JSON.parse(stdout) as readonly Record<string, unknown>[];
    expect(found.map((one) => [one["dagId"], (one["changes"] as unknown[]).length])).toEqual([
      ["nightly", 4],
      ["noon", 0],
    ]);
  });

  test("says so where nothing is touched", async () => {
    const told = await run("schedule", "check", "noon");
    expect(told).toMatchObject({
      exitCode: 0,
      stdout: "No change of the clock in the coming 5 years touches a schedule (DAGs: 1)\n",
    });
  });

  test("an unknown DAG, a number of years that is none", async () => {
    const unknown = await run("schedule", "check", "nigtly");
    expect(unknown.stderr).toContain('did you mean "nightly"?');
    expect((await run("schedule", "check", "--years", "0")).exitCode).toBe(2);
  });
});

describe("dags show --diff", () => {
  test("shows fields, tasks, next runs, the interval that joins, runs that keep their version", async () => {
    const { stdout, exitCode } = await run("dags", "show", "nightly", "--diff", "-n", "2");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^DAG +schedule .*30 2 \* \* \*.*0 6 \* \* \*/m);
    expect(stdout).toMatch(/^a +retries +0 +3$/m);
    expect(stdout).toMatch(/^report +task +new$/m);
    expect(stdout).toContain(
      "1         2026-02-02 01:30:00Z to 2026-02-03 01:30:00Z  2026-02-02 01:30:00Z to 2026-02-02 05:00:00Z",
    );
    expect(stdout).toContain("Made with the registered version: going");
    expect(stdout).toContain("is 3h 30m long: it joins the time that is covered");
    expect(stdout).toContain("warning: runs that have not ended (1) keep the old tasks and edges");
  });

  test("as JSON", async () => {
    const { stdout } = await run("dags", "show", "nightly", "--diff", "--output", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      dagId: "nightly",
      isSame: false,
      joining: { start: "2026-02-02T01:30:00.000Z", end: "2026-02-02T05:00:00.000Z" },
      tasks: { added: ["report"], removed: [] },
      keptRuns: ["going"],
    });
  });

  test("a DAG that is registered as it stands", async () => {
    const { stdout } = await run("dags", "show", "noon", "--diff");
    expect(stdout).toMatch(
      /^DAG noon is registered as its file declares it; the code of its functions is not compared/,
    );
  });

  test("a DAG without a file", async () => {
    const told = await run("dags", "show", "nightlyy", "--diff");
    expect(told.exitCode).toBe(2);
    expect(told.stderr).toContain('did you mean "nightly"?');
  });
});
