import { describe, expect, test } from "@jest/globals";
import { type Aim, aimCells, isReached, timesLeastPeer } from "../../bench/contest/aim.ts";
import { contests } from "../../bench/contests.ts";
import type { ContestResult, Standing } from "../../bench/contest/result.ts";

const standing = (median: number, figures = {}): Standing => ({
  median,
  min: median,
  max: median,
  runs: 1,
  work: 1,
  figures,
});

const result: ContestResult = {
  case: "chain",
  what: "a chain",
  unit: "ms",
  tidemill: standing(60, { "WAL bytes": 300 }),
  tuned: null,
  floor: standing(20),
  ratio: 3,
  peers: {
    one: { default: standing(90, { "WAL bytes": 200 }), best: standing(50, { "WAL bytes": 400 }) },
  },
  proved: true,
  machine: "a machine",
  versions: {},
};
const aimOf = (bound: Omit<Aim, "what" | "of">, value = 60): Aim => ({
  what: "ms",
  of: () => value,
  ...bound,
});

describe("an aim", () => {
  test.each([
    ["a figure at its upper bound", aimOf({ most: 60 }), true],
    ["a figure above it", aimOf({ most: 59 }), false],
    ["a figure at its lower bound", aimOf({ least: 60 }), true],
    ["a figure below it", aimOf({ least: 61 }), false],
    ["a figure that is missing", aimOf({ most: 60 }, Number.NaN), false],
    ["a figure without a bound", aimOf({}), undefined],
  ])("%s", (_, aim, reached) => expect(isReached(aim, result)).toBe(reached));

  test("says why it is missed only where it is", () => {
    const wall = "a page of the log cannot be halved";
    expect(aimCells(aimOf({ most: 50, wall }), result).slice(3)).toEqual(["no", wall]);
    expect(aimCells(aimOf({ most: 60, wall }), result).slice(3)).toEqual(["yes", ""]);
    expect(aimCells(aimOf({ most: 60, wall }), undefined)).toContain("not played");
  });

  test("stands against the least of all peers, whatever their settings", () => {
    expect(timesLeastPeer("WAL bytes")(result)).toBe(1.5);
  });

  test("is stated for every case", () => {
    expect(contests.filter(({ aims }) => aims.length === 0)).toEqual([]);
  });
});
