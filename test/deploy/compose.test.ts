import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { loadConfig } from "../../packages/dag-core/src/kernel/config.ts";
import { connectionVariable } from "../../packages/dag-core/src/kernel/connections.ts";
import * as connections from "../../dags/connections.ts";
import { pipelines } from "../../demo/pipelines/index.ts";
import {
  compose,
  type ComposeService,
  composeText,
  exampleEnvironment,
  interpolated,
  rootFile,
} from "../helpers/compose.ts";

const services = Object.entries(compose.services);
const conditions = services.flatMap(([, { depends_on = {} }]) => Object.entries(depends_on));
const jobs = new Set(
  conditions
    .filter(([, { condition }]) => condition === "service_completed_successfully")
    .map(([name]) => name),
);
const environmentOf = ({ environment = {} }: ComposeService) => Object.entries(environment);
const secretsOf = (service: ComposeService) =>
  environmentOf(service).filter(([key]) => /PASS(WORD)?$|SECRET|TOKEN/.test(key));
const passwordsOf = (service: ComposeService) =>
  environmentOf(service).flatMap(([, value]) => /:\/\/[^:/@]*:(.*)@/.exec(value)?.[1] ?? []);

test("the whole production-like stack is there", () => {
  expect(services.map(([name]) => name).sort()).toEqual([
    "clickhouse",
    "kafka",
    "metabase",
    "migrate",
    "postgres",
    "scheduler",
    "superset",
    "superset-init",
    "worker",
  ]);
  expect(compose.services["postgres"]?.image).toMatch(/^postgres:18\./);
  expect(compose.services["kafka"]?.environment?.["KAFKA_PROCESS_ROLES"]).toBe("broker,controller");
  expect(compose.services["metabase"]?.ports).toEqual(["127.0.0.1:${METABASE_PORT:-3000}:3000"]);
  expect(compose.services["superset"]?.ports).toEqual(["127.0.0.1:${SUPERSET_PORT:-8088}:8088"]);
});

describe.each(services)("service %s", (name, service) => {
  test("has an image of one version", () => {
    expect(service.image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)*$/);
  });

  test("is restarted, and says whether it is healthy unless it is a job that ends", () => {
    expect(service.restart).toBe(jobs.has(name) ? "on-failure" : "unless-stopped");
    const { test: command = [], disable = false } = service.healthcheck;
    expect({ disable, begins: command[0] }).toEqual(
      jobs.has(name) ? { disable: true, begins: undefined } : { disable: false, begins: "CMD" },
    );
  });

  test("is reachable from this machine only", () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service).not.toHaveProperty("network_mode");
  });

  test("has its secrets from .env only", () => {
    for (const [, value] of secretsOf(service)) expect(value).toMatch(/^\$\{\w+:[-?][^}]*\}$/);
    for (const password of passwordsOf(service)) expect(password).toMatch(/^\$\{\w+:\?[^}]*\}$/);
  });

  test("mounts volumes that are declared and files that exist", () => {
    const sources = (service.volumes ?? []).map((volume) => volume.split(":")[0] ?? "");
    const isThere = (source: string) =>
      source.startsWith("./") ? existsSync(rootFile(source)) : source in compose.volumes;
    expect(sources.filter((source) => !isThere(source))).toEqual([]);
  });

  test("waits for services in a way that they can fulfil", () => {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      const [expected] = jobs.has(needed)
        ? ["service_completed_successfully"]
        : ["service_healthy"];
      expect([needed, condition]).toEqual([needed, expected]);
    }
  });
});

test("secrets are found where they are known to be", () => {
  const all = Object.values(compose.services);
  const names = all.flatMap(secretsOf).map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      "POSTGRES_PASSWORD",
      "MB_DB_PASS",
      "SUPERSET_SECRET_KEY",
      "TELEGRAM_BOT_TOKEN",
    ]),
  );
  expect(all.flatMap(passwordsOf)).not.toEqual([]);
});

test(".env.example lists the variables of the compose file, secrets without a value", () => {
  const used = [...composeText.matchAll(/(?<!\$)\$\{(\w+)/g)].map((match) => match[1] ?? "");
  expect(Object.keys(exampleEnvironment).sort()).toEqual([...new Set(used)].sort());
  const filled = Object.entries(exampleEnvironment).filter(([, value]) => value !== "");
  expect(filled.every(([name]) => name.endsWith("_PORT"))).toBe(true);
});

test("a variable that must be set stops compose, one that need not does not", () => {
  const { scheduler, superset } = compose.services;
  expect(() => interpolated(scheduler?.environment ?? {}, {})).toThrow(
    "POSTGRES_PASSWORD has no value: set it in .env",
  );
  expect(() => interpolated(superset?.environment ?? {}, {})).toThrow("SUPERSET_SECRET_KEY");
});

describe("Tidemill in the compose file", () => {
  const values = Object.fromEntries(Object.keys(exampleEnvironment).map((name) => [name, "x1y2"]));
  const ours = services.filter(([, { image }]) => image.startsWith("tidemill:"));
  const manifest = JSON.parse(readFileSync(rootFile("package.json"), "utf8")) as {
    readonly version: string;
  };

  test.each(ours)("%s understands its settings", (_, service) => {
    expect(service.image).toBe(`tidemill:${manifest.version}`);
    const telegram = { TELEGRAM_BOT_TOKEN: "", TELEGRAM_CHAT_ID: "" };
    const env = interpolated(service.environment ?? {}, { ...values, ...telegram });
    const config = loadConfig({ env, cwd: "/" });
    expect(config.databaseUrl?.reveal()).toBe("postgres://tidemill:x1y2@postgres:5432/tidemill");
    expect(config.telegram.token).toBeUndefined();
  });

  const given = Object.entries(compose.services["scheduler"]?.environment ?? {}).filter(([name]) =>
    name.startsWith("TIDEMILL_CONN_"),
  );

  test("every address is that of a connection of the DAGs", () => {
    const known = Object.values(connections).map((one) => connectionVariable(one.connectionId));
    expect(given.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  test("every pipeline has its database, created when Postgres is new", () => {
    const script = readFileSync(rootFile("docker/postgres/create-databases.sh"), "utf8");
    const created = [...script.matchAll(/^create database (\w+);$/gm)].map((match) => match[1]);
    const named = given.flatMap(([, uri]) => /@postgres:5432\/(\w+)$/.exec(uri)?.[1] ?? []);
    expect(named.sort()).toEqual(created.sort());
    const databases = pipelines.map(({ database }) => database);
    expect(databases.filter((name) => !named.includes(name))).toEqual([]);
  });

  test("the topic and the marts have their servers", () => {
    expect(Object.fromEntries(given)).toMatchObject({
      TIDEMILL_CONN_KAFKA: "kafka://kafka:9092",
      TIDEMILL_CONN_CLICKHOUSE: expect.stringContaining("@clickhouse:8123"),
    });
  });
});
