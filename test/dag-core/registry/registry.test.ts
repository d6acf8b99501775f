import path from "node:path";
import { expect, test } from "@jest/globals";
import { loadRegistry } from "../../../packages/dag-core/src/registry/registry.ts";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";

test("one bad file takes nothing from the others", async () => {
  await using folder = await dagFolder({
    "a.ts": dagFile("a"),
    "b.ts": "throw new Error('boom');",
    "c.ts": dagFile("c"),
  });
  const registry = await loadRegistry(folder.path);
  expect([...registry.dags.keys()]).toEqual(["a", "c"]);
  expect(registry.files.get("c")).toBe(path.join(folder.path, "c.ts"));
  expect(registry.errors).toEqual([
    {
      file: path.join(folder.path, "b.ts"),
      error: expect.objectContaining({ code: "TIDEMILL_DAG_FILE_THREW" }),
    },
  ]);
});

test("of two files with one DAG id the first by path counts, the other is named", async () => {
  await using folder = await dagFolder({
    "north/orders.ts": dagFile("orders"),
    "south/orders.ts": dagFile("orders"),
  });
  const registry = await loadRegistry(folder.path);
  expect(registry.files.get("orders")).toBe(path.join(folder.path, "north/orders.ts"));
  expect(registry.errors.map(({ error }) => error.message)).toEqual([
    `DAG file "${folder.path}/south/orders.ts" declares DAG "orders", which "../north/orders.ts" declares too; ids are unique in a project, rename one DAG and its file`,
  ]);
});

test("an empty folder is an empty registry", async () => {
  await using folder = await dagFolder();
  expect(await loadRegistry(folder.path)).toEqual({
    dags: new Map(),
    files: new Map(),
    errors: [],
  });
});
