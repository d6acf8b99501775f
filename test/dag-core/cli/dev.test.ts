import { rename } from "node:fs/promises";
import { expect, test } from "@jest/globals";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { startDev } from "../../helpers/dev-process.ts";
import { runCli } from "../../helpers/run-cli.ts";

test("dev runs the DAGs of a folder and loads what is saved", async () => {
  await using folder = await dagFolder({ "first.ts": dagFile("first") });
  await using fixture = await testDatabase();
  const env = { TIDEMILL_DATABASE_URL: fixture.url, TIDEMILL_DAGS_FOLDER: folder.path };
  await using dev = startDev(env);
  await dev.said("Running 1 DAGs of");
  await folder.write("new/second.ts", dagFile("second"));
  await dev.said("Loaded 2 DAGs anew");
  const told = await runCli(["trigger", "second", "--wait", "--timeout", "40s"], { env });
  expect(told.exitCode).toBe(0);
  expect(await dev.stop()).toBe(0);
});

test("dev loads a file again when the rest of it comes, and a folder that was away and is back", async () => {
  await using folder = await dagFolder({ "first.ts": dagFile("first") });
  await using fixture = await testDatabase();
  const env = { TIDEMILL_DATABASE_URL: fixture.url, TIDEMILL_DAGS_FOLDER: folder.path };
  await using dev = startDev(env);
  await dev.said("Running 1 DAGs of");
  const text = dagFile("second");
  await folder.write("second.ts", text.slice(0, text.indexOf("task(")));
  await dev.said("Loaded 1 DAGs anew, 1 files cannot be imported");
  await folder.write("second.ts", text);
  await dev.said("Loaded 2 DAGs anew, 0 files cannot be imported");
  await rename(folder.path, `${folder.path}-away`);
  await dev.said("does not exist");
  await rename(`${folder.path}-away`, folder.path);
  await dev.said("Loaded 2 DAGs anew");
  expect(await dev.stop()).toBe(0);
});
