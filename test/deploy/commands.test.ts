import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { bareEnvironment } from "../helpers/bare-environment.ts";
import { databaseUrlOf, runSql } from "../helpers/database-server.ts";
import { compose, exampleEnvironment, interpolated, rootFile } from "../helpers/compose.ts";
import { type Environment, tidemill } from "../helpers/cli.ts";
import { dagFile, dagFolder } from "../helpers/dag-folder.ts";
import { testStack } from "../helpers/stack.ts";

const main = fileURLToPath(rootFile("packages/dag-core/src/cli/main.ts"));

/** The environment of a service of the compose file, its addresses pointed at the test's systems. */
function environmentOf(service: string, databaseUrl: string, dags = "dags"): Environment {
  const filled = Object.fromEntries(Object.keys(exampleEnvironment).map((name) => [name, "1"]));
  const unset = { TELEGRAM_BOT_TOKEN: "", TELEGRAM_CHAT_ID: "" };
  const given = compose.services[service]?.environment ?? {};
  return {
    ...interpolated(given, { ...filled, ...unset }),
    TIDEMILL_DATABASE_URL: databaseUrl,
    // The pipelines would look for the servers of the compose file.
    TIDEMILL_DAGS_FOLDER: dags,
    TIDEMILL_RUNNERS: "1",
  };
}

const commandOf = (service: string): readonly string[] => compose.services[service]?.command ?? [];
const healthOf = (service: string): readonly string[] =>
  compose.services[service]?.healthcheck.test?.slice(2) ?? [];

interface Running extends AsyncDisposable {
  stop(): Promise<number | null>;
}

/** Starts a service's command and waits until it says that it works. */
async function start(service: string, env: Environment): Promise<Running> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--conditions=source", main, ...commandOf(service)],
    {
      cwd: fileURLToPath(rootFile("")),
      env: { ...bareEnvironment(), ...env },
      stdio: ["ignore", 2, "pipe"],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const started = Promise.withResolvers<void>();
  const lines: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      if (line.includes(`"${service}.started"`)) started.resolve();
    });
  }
  void ended.then((code) => started.reject(new Error(`ended with ${code}:\n${lines.join("\n")}`)));
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  await started.promise;
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

/** An empty database, as the one that Postgres makes at its first start. */
async function emptyDatabase(): Promise<{ readonly url: string } & AsyncDisposable> {
  const { databaseUrl } = await testStack(["postgres"]);
  const name = `deploy_${crypto.randomUUID().replaceAll("-", "")}`;
  await runSql(databaseUrl, `create database ${name}`);
  const drop = () => runSql(databaseUrl, `drop database ${name} with (force)`);
  return { url: databaseUrlOf(databaseUrl, name), [Symbol.asyncDispose]: drop };
}

describe("the commands of the compose file, started without Docker", () => {
  test("migrate, then a scheduler and a worker, healthy until they are stopped", async () => {
    await using database = await emptyDatabase();
    await using folder = await dagFolder({ "one.ts": dagFile("one") });
    const env = environmentOf("scheduler", database.url, folder.path);
    expect(await tidemill(healthOf("scheduler"), env)).toMatchObject({ code: 2 });

    const migrated = await tidemill(commandOf("migrate"), environmentOf("migrate", database.url));
    expect(migrated).toMatchObject({ code: 0 });
    expect(await tidemill(healthOf("scheduler"), env)).toMatchObject({ code: 1 });

    await using scheduler = await start("scheduler", env);
    await using worker = await start("worker", environmentOf("worker", database.url, folder.path));
    expect(await tidemill(healthOf("scheduler"), env)).toMatchObject({ code: 0 });
    const { stdout } = await tidemill([...healthOf("worker"), "--output", "json"], env);
    const { processes } = JSON.parse(stdout) as { processes: { kind: string; state: string }[] };
    expect(processes.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
      "scheduler alive",
      "worker alive",
    ]);

    expect(await tidemill(["trigger", "one", "--wait"], env)).toMatchObject({ code: 0 });

    expect(await worker.stop()).toBe(0);
    expect(await scheduler.stop()).toBe(0);
    expect(await tidemill(healthOf("scheduler"), env)).toMatchObject({ code: 1 });
  });

  test("a worker does not begin before the schema is there", async () => {
    await using database = await emptyDatabase();
    const ended = await tidemill(commandOf("worker"), environmentOf("worker", database.url));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("tidemill db migrate");
  });
});
