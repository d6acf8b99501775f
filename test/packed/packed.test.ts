import { readFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testDatabase } from "../helpers/database.ts";
import { rootFile } from "../helpers/compose.ts";
import {
  outsideFolder,
  outsideProject,
  type OutsideProject,
  packPackages,
  type Tarballs,
} from "../helpers/packed-project.ts";

const dagText = `import { dag } from "@tidemill/dag-core";
import { z } from "zod";

export default dag(
  "greetings",
  {
    schedule: null,
    startDate: "2026-01-01",
    params: z.object({ name: z.string().default("world") }),
  },
  ({ task }) => {
    const words = task("choose_words", {
      run: ({ params }) => ({ text: \`hello \${params.name}\` }),
    });
    task("say", {
      inputs: { words },
      run: ({ inputs, log }) => {
        log.info(inputs.words.text);
        return inputs.words.text.length;
      },
    });
  },
);
`;

const testText = `import assert from "node:assert/strict";
import { test } from "node:test";
import { runTask } from "@tidemill/dag-core/testing";
import greetings from "./dags/greetings.ts";

test("say answers with the length of the words", async () => {
  const result = await runTask(greetings, "say", { inputs: { words: { text: "hello you" } } });
  assert.equal(result.state, "success");
  assert.equal(result.output, 9);
  assert.deepEqual(result.logs.map((line) => line.message), ["hello you"]);
});

test("params are filled in and checked", async () => {
  const result = await runTask(greetings, "choose_words", {});
  assert.deepEqual(result.output, { text: "hello world" });
  const refused = await runTask(greetings, "choose_words", { params: { name: 1 } });
  assert.equal(refused.error?.reason, "params");
});
`;

let folder: Awaited<ReturnType<typeof outsideFolder>>;
let tarballs: Tarballs;

/** A project with the packages given, and the DAG of this test. */
async function project(...packages: (keyof Tarballs)[]): Promise<OutsideProject> {
  const made = await outsideProject(folder.path, [
    ...packages.map((name) => tarballs[name]),
    "zod",
  ]);
  await made.write("dags/greetings.ts", dagText);
  return made;
}

/** Triggers the DAG, then looks at it with the verbs that a person would use. */
async function useDag(outside: OutsideProject, env: Record<string, string> = {}): Promise<void> {
  const json = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await outside.tidemill([...args, "--output", "json"], env);
    expect({ args, code, stderr }).toMatchObject({ args, code: 0 });
    return JSON.parse(stdout) as unknown;
  };
  const params = '{"name":"tides"}';
  const run = await json("trigger", "greetings", "--params", params, "--wait", "--timeout", "60s");
  expect(run).toMatchObject({ dagId: "greetings", state: "success" });
  const { runId } = run as { readonly runId: string };

  const dags = await json("dags", "list");
  expect(JSON.stringify(dags)).toContain('"greetings"');
  const runs = await json("runs", "list", "greetings");
  expect(JSON.stringify(runs)).toContain(runId);
  const explained = await outside.tidemill(["tasks", "explain", "greetings", runId, "say"], env);
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("success") });
  const logs = await outside.tidemill(["logs", "greetings", runId, "say"], env);
  expect(logs).toMatchObject({ code: 0, stdout: expect.stringContaining("hello tides") });
}

describe("the packed packages, installed outside of the repository", () => {
  let alone: OutsideProject;
  let complete: OutsideProject;

  beforeAll(async () => {
    folder = await outsideFolder();
    // The embedded Postgres runs as a user of its own where this one is root.
    await chmod(folder.path, 0o755);
    tarballs = await packPackages(folder.path);
    [alone, complete] = await Promise.all([
      project("dag-core"),
      project("dag-core", "tasks", "local"),
    ]);
  }, 300_000);
  afterAll(() => folder.remove());

  test("without a database, dev names both ways to one", async () => {
    const { code, stderr } = await alone.tidemill(["dev"]);
    expect(code).toBe(2);
    expect(stderr).toContain("install @tidemill/local");
    expect(stderr).toContain("TIDEMILL_DATABASE_URL");
  });

  test("dev runs a DAG on the database of the environment", async () => {
    await using db = await testDatabase();
    const env = { TIDEMILL_DATABASE_URL: db.url, TIDEMILL_RUNNERS: "1" };
    await using dev = await alone.dev([], env);
    expect(dev.loaded).toMatchObject({ dags: ["greetings"], failures: [] });
    await useDag(alone, env);
  });

  test("dev runs a DAG on the local stack, which another terminal finds by itself", async () => {
    await using dev = await complete.dev([], {});
    expect(dev.loaded).toMatchObject({ dags: ["greetings"], failures: [] });
    await useDag(complete);
    await dev.stop();
    const { code, stderr } = await complete.tidemill(["dags", "list"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("No database is named"),
    });
  });

  test("a DAG is tested with runTask, by Node's own runner", async () => {
    await alone.write("greetings.test.ts", testText);
    const { code, stdout } = await alone.node(["--test", "greetings.test.ts"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("pass 2") });
  });

  test.each(["dag-core", "tasks", "local"])("every entry of %s can be imported", async (name) => {
    const manifest = readFileSync(rootFile(`packages/${name}/package.json`), "utf8");
    const { exports } = JSON.parse(manifest) as { readonly exports: object };
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));
    const specifiers = entries.map((entry) => `@tidemill/${name}${entry.slice(1)}`);
    const text = `for (const one of ${JSON.stringify(specifiers)}) {
      if (Object.keys(await import(one)).length === 0) throw new Error(one);
    }`;
    const ended = await complete.node(["--input-type=module", "--eval", text]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("the declarations compile where libraries are checked too", async () => {
    const entries = ["dag-core", "dag-core/engine", "dag-core/client", "dag-core/testing"];
    const imports = [...entries, "tasks/postgres"].map((entry) => `import "@tidemill/${entry}";\n`);
    await complete.write("consumer.ts", imports.join(""));
    const [compiler, modules] = [rootFile("node_modules/typescript/bin/tsc"), "nodenext"];
    const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--target", "es2024"];
    const args = [...options, "--module", modules, "--lib", "es2024,esnext.disposable,dom"];
    const ended = await complete.node([fileURLToPath(compiler), ...args, "consumer.ts"]);
    expect(ended).toMatchObject({ code: 0, stdout: "" });
  });

  test("the version and the schema are told", async () => {
    const { stdout } = await alone.tidemill(["--version"]);
    const { version } = JSON.parse(readFileSync(rootFile("package.json"), "utf8")) as {
      readonly version: string;
    };
    expect(stdout).toMatch(new RegExp(`^tidemill ${version.replaceAll(".", "\\.")}, schema \\d+`));
  });
});
