import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { databaseUri, readSettings } from "../../../dags/overdue_loans/lib/settings.ts";
import { targetDatabase, type TargetDatabase } from "../../helpers/target-database.ts";

const main = resolve("dags/overdue_loans/lib/cli/main.ts");
let target: TargetDatabase;
let directory: string;

beforeAll(async () => {
  target = await targetDatabase();
  directory = await mkdtemp(join(tmpdir(), "overdue-loans-"));
  await symlink(resolve("sql"), join(directory, "sql"));
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** One command line in a process of its own, in a folder of its own. */
function loans(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(TIDEMILL_|DB_|RAW_DIR|SPLIT_DIR|NODE_OPTIONS)/.test(name),
  );
  const child = spawn(process.execPath, ["--conditions=source", main, ...args], {
    cwd: directory,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => err.push(text));
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (code) => done({ code, out: out.join(""), err: err.join("") }));
  });
}

/** The database by the names of the settings, not by its address. */
const byParts = (): Record<string, string> => {
  const { hostname, port, username, password, pathname } = new URL(target.uri);
  return {
    DB_HOST: hostname,
    DB_PORT: port,
    DB_USER: decodeURIComponent(username),
    DB_PASS: decodeURIComponent(password),
    DB_NAME: pathname.slice(1),
  };
};

test("shema, generate --num-clients, split --parts, load --part, load --all: each runs, and again", async () => {
  const env = byParts();
  expect(await loans(["load", "--part", "1"], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining("npm run loans -- schema"),
  });
  for (const verb of ["shema", "schema"])
    expect(await loans([verb], env)).toMatchObject({ code: 0 });
  expect(await loans(["split"], env)).toMatchObject({
    code: 1,
    err: expect.stringContaining("has no clients.json"),
  });
  const generated = await loans(["generate", "--num-clients", "7", "--today", "2025-01-01"], env);
  expect(JSON.parse(generated.out)).toMatchObject({ clients: 7 });
  expect(
    JSON.parse(await readFile(join(directory, "data_generation/raw_files/clients.json"), "utf8")),
  ).toHaveLength(7);
  expect(await loans(["split", "--parts", "3"], env)).toMatchObject({ code: 0 });
  expect(JSON.parse((await loans(["load", "--part", "1"], env)).out)).toMatchObject({ parts: [1] });
  expect(JSON.parse((await loans(["load", "--all"], env)).out)).toMatchObject({ parts: [2, 3] });
  expect(JSON.parse((await loans(["load", "--all"], env)).out)).toMatchObject({ parts: [] });
  const [row] = await target.query<{ n: number }>("select count(*)::int as n from mart.data_mart");
  expect(row?.n).toBeGreaterThan(0);
});

test("settings of .env take effect, those of the environment before them", async () => {
  await writeFile(join(directory, ".env"), "RAW_DIR=elsewhere\nSTART_LOAN_DATE=2024-06-01\n");
  try {
    const args = ["generate", "--num-clients", "5", "--today", "2025-01-01"];
    expect(await loans(args)).toMatchObject({ code: 0 });
    const read = async (folder: string) =>
      JSON.parse(await readFile(join(directory, folder, "loans.json"), "utf8")) as {
        loan_start_date: string;
      }[];
    const found = await read("elsewhere");
    expect(found.filter((loan) => loan.loan_start_date < "2024-06-01")).toEqual([]);
    expect(await loans(args, { RAW_DIR: "third" })).toMatchObject({ code: 0 });
    expect(await read("third")).toEqual(found);
  } finally {
    await rm(join(directory, ".env"));
  }
});

describe("misuse ends with 2 and says how to do it right", () => {
  test.each([
    [["load"], "give --part <n> or --all"],
    [["load", "--part", "1", "--all"], "cannot be used with"],
    [["load", "--part", "one"], "whole number"],
    [["generate", "--num-clients", "0"], "from 1 to 900000"],
    [["generate", "--today", "2025-02-30"], "date like 2025-01-31"],
    [["split", "--parts", "0"], "give 1 to 1000"],
    [["lode"], "unknown command"],
  ])("%s", async (args, message) => {
    expect(await loans(args)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });
});

test("a database that is not there ends with 3 and shows no password", async () => {
  const env = { DB_HOST: "127.0.0.1", DB_PORT: "1", DB_PASS: "hidden-17" };
  const { code, err } = await loans(["schema"], env);
  expect(code).toBe(3);
  expect(err).toContain("cannot be reached");
  expect(err).not.toContain("hidden-17");
  expect(await loans(["schema"])).toMatchObject({ code: 3 });
});

test("settings have their defaults", () => {
  expect(readSettings({})).toEqual({
    rawDir: "data_generation/raw_files",
    splitDir: "data_generation/raw_split_files",
    startLoanDate: "2010-01-01",
    zone: "UTC",
  });
  expect(() => readSettings({ START_LOAN_DATE: "2010-02-30" })).toThrow("which is not a date");
  expect(databaseUri({})).toBeUndefined();
  expect(databaseUri({ DB_PASS: "a/b" })).toBe(
    "postgres://postgres:a%2Fb@localhost:5432/overdue_loans",
  );
  expect(databaseUri({ DB_HOST: "db", TIDEMILL_CONN_OVERDUE_LOANS: "postgres://x/y" })).toBe(
    "postgres://x/y",
  );
});
