import { expect, test } from "@jest/globals";
import { dagFile, dagFolder } from "../helpers/dag-folder.ts";
import { testDatabase } from "../helpers/database.ts";
import { startDev } from "../helpers/dev-process.ts";

/** A DAG file whose import saves another one: after that load looked for its files, and before it is over. */
function savesOnImport(dagId: string, file: string, text: string): string {
  return `import { existsSync, writeFileSync } from "node:fs";
const file = new URL("${file}", import.meta.url);
if (!existsSync(file)) writeFileSync(file, ${JSON.stringify(text)});
${dagFile(dagId)}`;
}

// The command dev began to look for changes when its first load was over; a file saved meanwhile was never loaded.
test("dev loads what is saved while it loads, the first time and later", async () => {
  const authoring = JSON.stringify(import.meta.resolve("@tidemill/dag-core"));
  const third = dagFile("third").replace("DAG_CORE", authoring);
  const second = savesOnImport("second", "third.ts", third).replace("DAG_CORE", authoring);
  await using folder = await dagFolder({ "first.ts": savesOnImport("first", "second.ts", second) });
  await using fixture = await testDatabase();
  await using dev = startDev({
    TIDEMILL_DATABASE_URL: fixture.url,
    TIDEMILL_DAGS_FOLDER: folder.path,
  });
  await dev.said("Running 1 DAGs of");
  await dev.said("Loaded 2 DAGs anew, 0 files cannot be imported");
  await dev.said("Loaded 3 DAGs anew, 0 files cannot be imported");
  expect(await dev.stop()).toBe(0);
});
