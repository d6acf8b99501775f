import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { rootFile } from "../helpers/compose.ts";

const read = (path: string): string => readFileSync(rootFile(path), "utf8");
const instructions = (path: string): readonly string[] =>
  read(path)
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => /^[A-Z]+ /.test(line));
const ours = instructions("Dockerfile");
const argumentsOf = (instruction: string): readonly string[] =>
  ours
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1));

test("every stage stands on one version of Node 24", () => {
  const images = argumentsOf("FROM").map((text) => text.split(" ")[0]);
  expect(new Set(images).size).toBe(1);
  expect(images[0]).toMatch(/^node:24\.\d+\.\d+-bookworm-slim$/);
});

test("it runs as a user of its own and says whether it is healthy", () => {
  expect(argumentsOf("USER")).toEqual(["node"]);
  expect(ours.indexOf("USER node")).toBeGreaterThan(
    ours.findLastIndex((line) => line.startsWith("COPY")),
  );
  expect(argumentsOf("HEALTHCHECK")[0]).toContain('CMD ["tidemill", "health"]');
  expect(argumentsOf("ENTRYPOINT")).toEqual(['["tidemill"]']);
  const { bin } = JSON.parse(read("packages/dag-core/package.json")) as { bin: object };
  expect(bin).toHaveProperty("tidemill");
});

test("what it copies exists, and .dockerignore lets it through", () => {
  const rules = read(".dockerignore").split("\n");
  const allowed = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
  const sources = argumentsOf("COPY")
    .filter((text) => !text.startsWith("--from"))
    .flatMap((text) => text.split(" ").slice(0, -1));
  expect(sources).not.toEqual([]);
  for (const source of sources) {
    expect([source, existsSync(rootFile(source))]).toEqual([source, true]);
    expect([
      source,
      allowed.some((path) => source === path || source.startsWith(`${path}/`)),
    ]).toEqual([source, true]);
  }
  expect(rules[1]).toBe("*");
});

test("Superset is pinned with its drivers and does not run as root", () => {
  const lines = instructions("docker/superset/Dockerfile");
  expect(lines[0]).toMatch(/^FROM apache\/superset:\d+\.\d+\.\d+$/);
  expect(lines.at(-1)).toBe("USER superset");
  for (const driver of lines.join(" ").match(/(psycopg2|clickhouse)\S*/g) ?? []) {
    expect(driver).toMatch(/==\d+(\.\d+)+$/);
  }
});
