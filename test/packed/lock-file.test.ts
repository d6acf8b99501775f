import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}

const text = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Locked>> };
const entries = Object.entries(packages);

test('the lock file has the builds for every platform, or "npm ci" refuses it; else: node scripts/complete-lock.mjs', () => {
  const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .map((name) => `node_modules/${name}`)
      .filter((target) => !packages[target] && !packages[`${path}/${target}`]),
  );
  expect(missing).toEqual([]);
});

test("the lock file names no registry, so that each machine uses its own", () => {
  const foreign = entries.filter(
    ([, { resolved = "packages/" }]) => !resolved.startsWith("packages/"),
  );
  expect(foreign.map(([path]) => path)).toEqual([]);
});
