import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { runCli } from "../../helpers/run-cli.ts";

const main = fileURLToPath(new URL("../../../packages/dag-core/src/cli/main.ts", import.meta.url));

/** The command in a process of its own, and its lines on standard error. */
function startDev(env: Readonly<Record<string, string>>) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ["--conditions=source", main, "dev"], {
    env: { PATH, HOME, TIDEMILL_STACK_FILE: "/nowhere/stack.json", TIDEMILL_RUNNERS: "1", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const seen: string[] = [];
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stderr }).on("line", (line) => {
    seen.push(line);
    for (const [part, resolve] of waiting) if (line.includes(part)) resolve();
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const said = (part: string) =>
    new Promise<void>((resolve, reject) => {
      waiting.set(part, resolve);
      if (seen.some((line) => line.includes(part))) resolve();
      void exited.then(() => reject(new Error(`it ended; it said:\n${seen.join("\n")}`)));
    });
  const stop = () => {
    child.kill("SIGINT");
    return exited;
  };
  return { said, stop };
}

test("dev runs the DAGs of a folder and loads what is saved", async () => {
  await using folder = await dagFolder({ "first.ts": dagFile("first") });
  await using fixture = await testDatabase();
  const env = { TIDEMILL_DATABASE_URL: fixture.url, TIDEMILL_DAGS_FOLDER: folder.path };
  const dev = startDev(env);
  await dev.said("Running 1 DAGs of");
  await folder.write("second.ts", dagFile("second"));
  await dev.said("Loaded 2 DAGs anew");
  const told = await runCli(["trigger", "second", "--wait", "--timeout", "40s"], { env });
  expect(told.exitCode).toBe(0);
  expect(await dev.stop()).toBe(0);
});
