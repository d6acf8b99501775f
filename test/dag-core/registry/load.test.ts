import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { findDagFiles, loadDagFile } from "../../../packages/dag-core/src/registry/load.ts";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";

async function load(name: string, text: string, options = {}) {
  await using folder = await dagFolder();
  const file = await folder.write(name, text);
  const loaded = await loadDagFile(file, options);
  return "error" in loaded
    ? { message: loaded.error.message.replaceAll(folder.path, ""), error: loaded.error }
    : loaded;
}

/** Runs a script in a Node of its own, since jest keeps imports and frames in its own way. */
async function inNode(script: string): Promise<string> {
  const load = import.meta.resolve("../../../packages/dag-core/src/registry/load.ts");
  const text = `import { loadDagFile } from ${JSON.stringify(load)};${script}`;
  const options = ["--conditions=source", "--input-type=module", "-e", text];
  return (await promisify(execFile)(process.execPath, options)).stdout;
}

describe("findDagFiles", () => {
  test("finds DAG files and nothing else, sorted", async () => {
    await using folder = await dagFolder({
      "b.ts": "",
      "a/z.js": "",
      "a/deep/er/y.mjs": "",
      "connections.ts": "",
      "a/connections.ts": "",
      "a/lib/helper.ts": "",
      "node_modules/x/index.js": "",
      "_draft.ts": "",
      ".hidden.ts": "",
      ".git/c.ts": "",
      "types.d.ts": "",
      "notes.md": "",
      "query.sql": "",
    });
    const found = await findDagFiles(folder.path);
    expect(found.map((file) => path.relative(folder.path, file))).toEqual([
      "a/deep/er/y.mjs",
      "a/z.js",
      "b.ts",
    ]);
  });

  test("follows links, each folder once, and passes over links to nothing", async () => {
    await using folder = await dagFolder({ "real/a.ts": "" });
    await symlink(folder.path, path.join(folder.path, "real/loop"));
    await symlink(path.join(folder.path, "real/a.ts"), path.join(folder.path, "b.ts"));
    await symlink(path.join(folder.path, "gone.ts"), path.join(folder.path, "c.ts"));
    const found = await findDagFiles(folder.path);
    expect(found.map((file) => path.relative(folder.path, file))).toEqual(["b.ts", "real/a.ts"]);
  });

  test("says so when the folder does not exist", async () => {
    await expect(findDagFiles("/no/such/folder")).rejects.toThrow(
      'DAG folder "/no/such/folder" does not exist; create it',
    );
  });
});

describe("loadDagFile", () => {
  test("hands back the DAG of a file", async () => {
    expect(await load("orders.ts", dagFile("orders"))).toMatchObject({ dag: { dagId: "orders" } });
  });

  test.each([
    [
      "no default export",
      "export const a = 1;",
      'has no default export; write export default dag("orders"',
    ],
    [
      "another default export",
      "export default { dagId: 'orders' };",
      "that is not a DAG; export what",
    ],
    [
      "another name",
      dagFile("order"),
      'declares DAG "order"; the two names must be the same; rename the file to "order.ts", or the DAG to "orders"',
    ],
  ])("refuses %s", async (_name, text, message) => {
    const loaded = await load("orders.ts", text);
    expect(loaded).toMatchObject({ message: expect.stringContaining('DAG file "/orders.ts"') });
    expect(loaded).toMatchObject({ message: expect.stringContaining(message) });
  });

  test("keeps the message and the frames of what an import threw, seen from the file", async () => {
    await using folder = await dagFolder({
      "pipeline/lib/read.ts": "export function read() {\n  throw new RangeError('boom');\n}\n",
      "pipeline/orders.ts": "import { read } from './lib/read.ts';\nexport default read();\n",
    });
    const message = await inNode(`
      const loaded = await loadDagFile(${JSON.stringify(path.join(folder.path, "pipeline/orders.ts"))});
      console.log(loaded.error.message);`);
    expect(message).toBe(
      `DAG file "${folder.path}/pipeline/orders.ts" threw while it was loaded: RangeError: boom
    at read (lib/read.ts:2:9)
    at orders.ts:2:16
`,
    );
  });

  test.each([
    ["cannot be stripped of types", "const a = 1;\nconst b: number = ;\n", "orders.ts:2:19"],
    ["the language refuses", "const a = 1;\nconst a = 2;\nexport default a;\n", "orders.ts:2:7"],
  ])("shows where a file cannot be parsed that %s", async (_, text, place) => {
    await using folder = await dagFolder();
    const file = await folder.write("orders.ts", text);
    const message = await inNode(`
      const loaded = await loadDagFile(${JSON.stringify(file)});
      console.log(loaded.error.message);`);
    expect(message).toMatch(/threw while it was loaded: SyntaxError: /);
    expect(message.trimEnd().split("\n").slice(1)).toEqual([`    at ${place}`]);
  });

  test.each([
    ["an option", dagFile("orders", "retries: -1, run: () => 1"), ["orders.ts:3", "orders.ts:2"]],
    [
      "a schedule",
      dagFile("orders").replace("schedule: null", 'schedule: "@daly"'),
      ["orders.ts:2"],
    ],
  ])("shows where in the file dag refused %s, not where in the engine", async (_, text, places) => {
    await using folder = await dagFolder();
    const file = await folder.write("orders.ts", text);
    const message = await inNode(`
      const loaded = await loadDagFile(${JSON.stringify(file)});
      console.log(loaded.error.message);`);
    expect(
      message
        .split("\n")
        .map((line) => line.trim().replace(/:\d+$/, ""))
        .slice(1),
    ).toEqual([...places.map((place) => `at ${place}`), ""]);
  });

  test.each([
    ["a refusal of dag", dagFile("orders", "retrys: 1, run: () => 1"), 'did you mean "retries"?'],
    ["a syntax error", "export default dag(", "threw while it was loaded: "],
    ["a module that is missing", "import './gone.ts';", "gone.ts"],
    ["a thrown text", "throw 'boom';", "Error: boom"],
  ])("reports %s", async (_name, text, message) => {
    expect(await load("orders.ts", text)).toMatchObject({
      message: expect.stringContaining(message),
    });
  });

  test("leaves a file that does not finish loading", async () => {
    const never = "await new Promise(() => undefined);";
    expect(await load("orders.ts", never, { timeoutMs: 50 })).toMatchObject({
      message:
        'DAG file "/orders.ts" did not finish loading within 50ms; move what it waits for from the import into a task',
    });
    expect(await load("orders.ts", never, { signal: AbortSignal.abort() })).toMatchObject({
      message: expect.stringContaining("was left while it loaded"),
    });
  });
});
