import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { commandsPage } from "../../scripts/commands-page.ts";
import { settingsPage } from "../../scripts/settings-page.ts";
import { settings } from "../../packages/dag-core/src/kernel/settings.ts";
import { blocksOf, documents, root } from "./documents.ts";

const read = (document: string): string => readFileSync(new URL(document, root), "utf8");
const decisions = readdirSync(new URL("docs/adr/", root));

describe("pages made from the code; npm run docs writes them", () => {
  test("docs/settings.md lists every setting", async () => {
    const page = read("docs/settings.md");
    for (const { name } of settings) expect(page).toContain(`\`${name}\``);
    expect(page).toBe(await settingsPage());
  });

  test("docs/cli.md lists every command", async () => {
    expect(read("docs/cli.md")).toBe(await commandsPage());
  });
});

test("the README opens with what Tidemill is for, then two commands", () => {
  const [first] = blocksOf("README.md");
  expect(first?.text).toBe("npm start\nnpm test\n");
  expect(read("README.md").indexOf("```")).toBeLessThan(800);
});

test.each(documents)("%s links to files that exist", (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]);
  const missing = links.filter((link) => !existsSync(new URL(link ?? "", new URL(document, root))));
  expect(missing).toEqual([]);
});

test.each(decisions)(
  "decision %s says what was decided, what violates it, and the evidence",
  (name) => {
    expect(name).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
    const headings = [...read(`docs/adr/${name}`).matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(["Decision", "Violates when", "Evidence"]);
  },
);

test("decisions have numbers of their own, and name files that exist", () => {
  const numbers = decisions.map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
  const paths = decisions.flatMap((name) =>
    [
      ...read(`docs/adr/${name}`).matchAll(
        /`((?:packages|test|scripts|sql|dags)\/[\w./-]+\.\w+)`/g,
      ),
    ].map((match) => match[1] ?? ""),
  );
  expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

const { exports } = JSON.parse(read("packages/tasks/package.json")) as { readonly exports: object };
const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));

test.each(entries)("operators of %s are listed, and what is listed exists", async (entry) => {
  const specifier = `@tidemill/tasks${entry.slice(1)}`;
  expect(read("packages/tasks/README.md")).toContain(`| \`${specifier}\``);
  const rows = read("docs/writing-dags.md").split("\n");
  const row = rows.find((line) => line.startsWith(`| \`${specifier}\``)) ?? "";
  const [, ...names] = [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
  expect(names).not.toEqual([]);
  const exported = Object.keys((await import(specifier)) as object);
  expect(names.filter((name) => !exported.includes(name))).toEqual([]);
});

test("the changelog begins with what is not released yet", () => {
  expect(read("CHANGELOG.md")).toMatch(/^# Changelog\n[\s\S]*?\n## \[?0\.1\.0\]? - unreleased\n/);
});
