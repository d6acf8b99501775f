import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { buildProgram } from "../../packages/dag-core/src/cli/program.ts";
import { testDatabase } from "../helpers/database.ts";
import { type Block, blocks, rootPath } from "./documents.ts";

const named = (language: string): [string, Block][] =>
  blocks
    .filter((block) => block.language === language)
    .map((block) => [`${block.document}:${block.line}`, block]);

/** Compiles files as a user would, in a folder that has this repository's packages. */
function compilerSays(
  files: Readonly<Record<string, string>>,
  more: Readonly<Record<string, boolean>> = {},
): string {
  const folder = mkdtempSync(path.join(tmpdir(), "tidemill-docs-"));
  try {
    symlinkSync(path.join(rootPath, "node_modules"), path.join(folder, "node_modules"));
    const options = {
      extends: path.join(rootPath, "tsconfig.base.json"),
      compilerOptions: {
        noEmit: true,
        composite: false,
        declaration: false,
        sourceMap: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        ...more,
      },
      include: ["**/*.ts"],
      exclude: ["node_modules"],
    };
    const all = { "tsconfig.json": JSON.stringify(options), "package.json": '{"type":"module"}' };
    for (const [name, text] of Object.entries({ ...all, ...files })) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    const compiler = path.join(rootPath, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return (error as { readonly stdout?: string }).stdout ?? String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const examples = Object.fromEntries(
  named("ts").map(([, block]) => {
    const file = /^\/\/ (\S+\.ts)\n/.exec(block.text)?.[1];
    return [file ?? `${block.document.replace(/\W/g, "_")}_${block.line}.ts`, block.text];
  }),
);

describe("TypeScript in the documents", () => {
  test("compiles under the strictest options", () => {
    expect(Object.keys(examples)).toContain("dags/orders_daily.ts");
    expect(compilerSays(examples)).toBe("");
  });

  test("compiles under strict alone", () => {
    const options = { noUncheckedIndexedAccess: false, exactOptionalPropertyTypes: false };
    expect(compilerSays(examples, options)).toBe("");
  });

  test("is refused when it is wrong", () => {
    const text = (examples["dags/orders_daily.ts"] ?? "").replace(
      "staged.rowCount",
      "staged.rows.x",
    );
    expect(compilerSays({ "dags/orders_daily.ts": text })).toContain("rows");
  });
});

test.each(named("sql"))("the SQL of %s runs on the engine's schema", async (_, block) => {
  await using db = await testDatabase({ connections: 1 });
  const client = await db.database.connect();
  try {
    // Names are written with the schema, as a person would from outside.
    await client.query("set search_path to pg_catalog");
    await expect(client.query(block.text)).resolves.toBeDefined();
  } finally {
    await client.end();
  }
});

/** The `tidemill` commands in a text, each as its words. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").flatMap((line) => {
    const [, rest] = /(?:^|\s)(?:npx |\S*\/)?tidemill(?: --)? ([a-z-].*)$/.exec(line) ?? [];
    return rest === undefined || line.startsWith("#") ? [] : [rest];
  });
  return lines.map((line) => line.match(/'[^']*'|\S+/g) ?? []);
}

const shellCommands = blocks
  .filter(({ language }) => ["sh", "ini"].includes(language))
  .flatMap(({ document, text }) => commandsIn(text).map((words) => [document, words] as const));

test("the documents show commands", () => {
  expect(shellCommands.length).toBeGreaterThan(5);
});

test.each(shellCommands)("%s: tidemill %j is a command with these options", async (_, words) => {
  const [name = ""] = words;
  let command = await buildProgram([name]);
  const called: string[] = [];
  for (const word of words) {
    const found = command.commands.find((one) => one.name() === word);
    if (!found) break;
    command = found;
    called.push(word);
  }
  expect(called).not.toEqual([]);
  expect(command.commands).toEqual([]);
  const flags = words.filter((word) => /^--?[a-z]/.test(word));
  const known = command.options.flatMap(({ short, long }) => [short, long]);
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
});
