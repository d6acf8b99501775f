import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { dag } from "@tidemill/dag-core";
import { manifestHash } from "../../../packages/dag-core/src/definition/manifest-hash.ts";
import {
  checkParams,
  describeParamProblems,
  paramsSchema,
  parseParams,
} from "../../../packages/dag-core/src/definition/params.ts";

const schema = z.object({
  region: z.enum(["eu", "us"]).default("eu"),
  limit: z.int().min(1).optional(),
  since: z.iso.date().optional(),
  table: z.object({ name: z.string() }).optional(),
});
const json = paramsSchema("DAG", schema);

describe("checkParams", () => {
  test.each<[string, unknown, string]>([
    ["nothing", {}, ""],
    ["all of them", { region: "us", limit: 5, since: "2026-01-31", table: { name: "x" } }, ""],
    ["a value outside a list", { region: "asia" }, "region must be one of eu, us"],
    ["a wrong type", { limit: "5" }, "limit must be integer"],
    ["a value too small", { limit: 0 }, "limit must be >= 1"],
    ["a missing part", { table: {} }, "table.name is missing"],
    ["a misspelt name", { regoin: "us" }, 'regoin is not a param, did you mean "region"?'],
    ["a list", [], "params must be object"],
    ["two problems", { limit: 0, x: 1 }, "x is not a param; limit must be >= 1"],
  ])("judges %s", (_name, params, problems) => {
    expect(describeParamProblems(checkParams(json, params))).toBe(problems);
  });

  test("works on a schema read back from JSON, again and again", () => {
    const copy = () => JSON.parse(JSON.stringify(json));
    expect(checkParams(copy(), { region: "us" })).toEqual([]);
    expect(checkParams(copy(), { region: 1 })).toHaveLength(2);
  });

  test("judges by a schema that has an id, again and again", () => {
    const named = () => ({ $id: "orders", type: "object", required: ["region"] });
    expect(checkParams(named(), {})).toHaveLength(1);
    expect(checkParams(named(), {})).toHaveLength(1);
  });

  test("allows other names where the schema does", () => {
    const loose = paramsSchema("DAG", z.looseObject({ a: z.string().optional() }));
    expect(checkParams(loose, { b: 1 })).toEqual([]);
  });

  test("takes a choice of objects", () => {
    const union = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("day"), day: z.string() }),
      z.object({ kind: z.literal("all") }),
    ]);
    expect(checkParams(paramsSchema("DAG", union), { kind: "all" })).toEqual([]);
    expect(checkParams(paramsSchema("DAG", union), { kind: "day" })).not.toEqual([]);
  });

  test("leaves to the run what needs flags that JSON Schema has no place for", async () => {
    const word = z.object({ word: z.string().regex(/^[\p{L}--[a-z]]+$/v) });
    expect(checkParams(paramsSchema("DAG", word), { word: "abc" })).toEqual([]);
    expect(await parseParams(word, { word: "abc" })).toMatchObject({
      problems: [{ path: "word" }],
    });
  });

  test("refuses all params of a DAG that declares none", () => {
    expect(checkParams(paramsSchema("DAG", undefined), { a: 1 })).toEqual([
      { path: "a", problem: "is not a param" },
    ]);
  });
});

describe("parseParams", () => {
  test("fills in defaults and runs asynchronous refinements", async () => {
    const even = schema.refine(async ({ limit = 0 }) => limit % 2 === 0, "limit must be even");
    expect(await parseParams(even, { limit: 2 })).toEqual({ params: { region: "eu", limit: 2 } });
    expect(await parseParams(even, { limit: 3 })).toEqual({
      problems: [{ path: "", problem: "is refused: limit must be even" }],
    });
  });

  test("names the place of a problem", async () => {
    const parsed = await parseParams(schema, { table: { name: 5 } });
    expect(parsed).toMatchObject({ problems: [{ path: "table.name" }] });
  });

  test("passes params through where a DAG declares none", async () => {
    expect(await parseParams(undefined, {})).toEqual({ params: {} });
  });
});

describe("manifestHash", () => {
  const manifest = (retries: number) =>
    dag("d", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
      task("a", { retries, run: () => 1 });
    }).manifest;

  test("is the same for the same contents in any order of keys", () => {
    const turned = Object.fromEntries(Object.entries(manifest(1)).reverse());
    expect(manifestHash(turned as never)).toBe(manifestHash(manifest(1)));
    expect(manifestHash(manifest(1))).toMatch(/^[0-9a-f]{64}$/);
  });

  test("survives the round trip through JSON and changes with the contents", () => {
    expect(manifestHash(JSON.parse(JSON.stringify(manifest(1))))).toBe(manifestHash(manifest(1)));
    expect(manifestHash(manifest(2))).not.toBe(manifestHash(manifest(1)));
  });
});
