import { describe, expect, test } from "@jest/globals";
import { askUserCode, ImportHangs } from "../../../packages/dag-core/src/cli/user-code/ask.ts";
import type { CheckResult } from "../../../packages/dag-core/src/cli/user-code/messages.ts";
import { loadConfig } from "../../../packages/dag-core/src/kernel/config.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";

const config = loadConfig({ env: {} });
const limits = { importMs: 3_000 };

describe("a file whose import", () => {
  test.each([
    ["never ends its loop", "for (;;) {}"],
    ["awaits what never comes", "await new Promise(() => setInterval(() => {}, 1000));"],
  ])("%s is given up and named", async (_, text) => {
    await using folder = await dagFolder({ "hangs.ts": text });
    const request = {
      type: "task_test",
      folder: folder.path,
      dagId: "hangs",
      taskId: "a",
    } as const;
    const asked = askUserCode(config, request, limits);
    await expect(asked).rejects.toBeInstanceOf(ImportHangs);
    await expect(asked).rejects.toMatchObject({
      code: "TIDEMILL_DAG_FILE_INVALID",
      message: expect.stringMatching(/hangs\.ts" did not finish loading within 3\.0s/),
    });
  });

  test("ends the process is told, not taken for silence", async () => {
    await using folder = await dagFolder({ "exits.ts": "process.exit(7);" });
    const request = { type: "check", folder: folder.path, skip: [] } as const;
    await expect(askUserCode(config, request, limits)).rejects.toMatchObject({
      code: "TIDEMILL_DAG_FILE_INVALID",
      message: expect.stringContaining("ended the process that loaded or ran it (7)"),
    });
  });

  test("hung before is left out, and the others are looked at", async () => {
    await using folder = await dagFolder({ "a.ts": dagFile("a"), "hangs.ts": "for (;;) {}" });
    const request = {
      type: "check",
      folder: folder.path,
      skip: [`${folder.path}/hangs.ts`],
    } as const;
    const found = await askUserCode<CheckResult>(config, request, limits);
    expect(found).toEqual({ dags: ["a"], problems: [] });
  });
});

test("check names every file that takes its process with it, and goes on", async () => {
  await using folder = await dagFolder({
    "a.ts": dagFile("a"),
    "exits.ts": "process.exit(3);",
    "exits_too.ts": "process.exit(4);",
    "throws.ts": "throw new Error('no paper');",
  });
  const told = await runCli(["check", "--output", "json"], {
    env: { TIDEMILL_DAGS_FOLDER: folder.path },
  });
  const { dags, problems } = JSON.parse(told.stdout) as CheckResult;
  expect(told.exitCode).toBe(1);
  expect(dags).toEqual(["a"]);
  expect(problems.map(({ message }) => message)).toEqual([
    expect.stringContaining("ended the process that loaded or ran it (3)"),
    expect.stringContaining("ended the process that loaded or ran it (4)"),
    expect.stringContaining("no paper"),
  ]);
});

test("the project's code is told of its connections and SQL files, not of the engine's database", async () => {
  const names = ["TIDEMILL_DATABASE_URL", "TIDEMILL_CONN_DWH", "TIDEMILL_SQL_FOLDER"];
  const shown = `JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null))`;
  await using folder = await dagFolder({ "tells.ts": `throw new Error(${shown});` });
  const given = { env: { TIDEMILL_CONN_DWH: "pg://dwh" }, overrides: { sqlFolder: "/srv/sql" } };
  process.env["TIDEMILL_DATABASE_URL"] = "postgres://engine/tidemill";
  try {
    const request = { type: "check", folder: folder.path, skip: [] } as const;
    const { problems } = await askUserCode<CheckResult>(loadConfig(given), request);
    expect(problems[0]?.message).toContain('[null,"pg://dwh","/srv/sql"]');
  } finally {
    delete process.env["TIDEMILL_DATABASE_URL"];
  }
});

test("an event that is named by the run is given to a test whose run id is chosen", async () => {
  const text = dagFile("asks")
    .replace("({ task })", "({ waitForEvent })")
    .replace(/task\("a".*\n/, 'waitForEvent("a", { event: ({ runId }) => `asked.${runId}` });\n');
  await using folder = await dagFolder({ "asks.ts": text });
  const options = { env: { TIDEMILL_DAGS_FOLDER: folder.path } };
  const alone = await runCli(["dags", "test", "asks", "-o", "json"], options);
  expect(alone.stdout).toContain("gets it with --run-id ID --event 'asked.ID=<json>'");
  const line = "dags test asks -o json --run-id mine --event asked.mine=1";
  const given = await runCli(line.split(" "), options);
  expect(JSON.parse(given.stdout)).toMatchObject({ state: "success", tasks: [{ output: 1 }] });
});

test("a test judges an output that holds a secret as the engine does", async () => {
  await using folder = await dagFolder({
    "names.ts": dagFile("names", 'retries: 2, run: () => ({ table: "warehouse_main.orders" })'),
  });
  const env = { TIDEMILL_DAGS_FOLDER: folder.path, PARTITION_KEY: "warehouse_main" };
  for (const command of ["dags test names", "tasks test names a"]) {
    const told = await runCli(command.split(" "), { env });
    expect(told.exitCode).toBe(1);
    expect(told.stderr + told.stdout).toContain(
      'The output of task "a" holds the value of PARTITION_KEY at $.table',
    );
  }
  const open = { ...env, TIDEMILL_PUBLIC_VARIABLES: "PARTITION_KEY" };
  const told = await runCli(["tasks", "test", "names", "a", "-o", "json"], { env: open });
  expect(JSON.parse(told.stdout)).toMatchObject({ output: { table: "warehouse_main.orders" } });
});

test("what a task prints goes to standard error, without secrets", async () => {
  await using folder = await dagFolder({
    "talks.ts": dagFile(
      "talks",
      "run: () => { console.log(process.env.TIDEMILL_CONN_DWH); return 1; }",
    ),
  });
  const env = {
    TIDEMILL_DAGS_FOLDER: folder.path,
    TIDEMILL_CONN_DWH: "postgres://u:hiddenword@db/x",
  };
  const told = await runCli(["tasks", "test", "talks", "a", "--output", "json"], { env });
  expect(JSON.parse(told.stdout)).toMatchObject({ state: "success", output: 1 });
  expect(told.stderr).toContain("postgres://u:***@db/x");
  expect(told.stderr).not.toContain("hiddenword");
});
