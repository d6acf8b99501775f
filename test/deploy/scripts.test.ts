import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const manifest = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { readonly scripts: Readonly<Record<string, string>> };
const { scripts } = manifest;
const fromSources = Object.keys(scripts).filter((name) => scripts[name]?.includes("=source"));

test.each(fromSources)("npm run %s installs in a fresh clone what it needs", (name) => {
  expect(scripts[`pre${name}`]).toBe("node scripts/ensure-installed.mjs");
});
