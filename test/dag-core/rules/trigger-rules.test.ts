import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { TriggerRule } from "../../../packages/dag-core/src/definition/trigger-rule.ts";
import {
  evaluateTriggerRule,
  type UpstreamCounts,
} from "../../../packages/dag-core/src/rules/trigger-rules.ts";

const cases = JSON.parse(
  readFileSync(new URL("../../fixtures/trigger-rules.json", import.meta.url), "utf8"),
) as Record<TriggerRule, Record<string, string>>;

const decisions = { run: "run", wait: "wait", skip: "skip", upf: "upstream_failed" } as const;

/** Counts of upstreams given as letters: P pending, S success, K skipped, F failed, U upstream-failed, R removed. */
function upstreams(letters: string): UpstreamCounts {
  const count = (letter: string) => letters.split("").filter((one) => one === letter).length;
  return {
    total: letters.length,
    success: count("S"),
    skipped: count("K"),
    failed: count("F"),
    upstreamFailed: count("U"),
    removed: count("R"),
  };
}

const rows = Object.entries(cases).flatMap(([rule, outcomes]) =>
  Object.entries(outcomes).map(([letters, outcome]) => ({ rule, letters, outcome })),
);

describe("evaluateTriggerRule", () => {
  test("the table has 660 cases", () => {
    expect(rows).toHaveLength(660);
  });

  test.each(rows)("$rule with $letters: $outcome", ({ rule, letters, outcome }) => {
    const verdict = evaluateTriggerRule(rule as TriggerRule, upstreams(letters));
    expect(verdict.decision).toBe(decisions[outcome as keyof typeof decisions]);
  });

  test.each([
    { letters: "PS", setups: { total: 1, success: 1, skipped: 0 }, decision: "wait" },
    { letters: "PF", setups: { total: 1, success: 0, skipped: 0 }, decision: "wait" },
    { letters: "SF", setups: { total: 1, success: 1, skipped: 0 }, decision: "run" },
    { letters: "SF", setups: { total: 2, success: 1, skipped: 0 }, decision: "run" },
    { letters: "SS", setups: { total: 0, success: 0, skipped: 0 }, decision: "run" },
    { letters: "FU", setups: undefined, decision: "run" },
    { letters: "KK", setups: { total: 1, success: 0, skipped: 1 }, decision: "skip" },
    { letters: "KK", setups: { total: 2, success: 0, skipped: 2 }, decision: "skip" },
    { letters: "FU", setups: { total: 1, success: 0, skipped: 0 }, decision: "upstream_failed" },
    { letters: "KF", setups: { total: 2, success: 0, skipped: 1 }, decision: "upstream_failed" },
  ])("all_done_setup_success with $letters, setups $setups: $decision", (row) => {
    const options = row.setups === undefined ? {} : { setups: row.setups };
    const verdict = evaluateTriggerRule("all_done_setup_success", upstreams(row.letters), options);
    expect(verdict.decision).toBe(row.decision);
  });

  test.each([
    { rule: "all_success", letters: "SSR", mapIndex: 0, decision: "run" },
    { rule: "all_success", letters: "SSR", mapIndex: 1, decision: "run" },
    { rule: "all_success", letters: "SSR", mapIndex: 2, decision: "removed" },
    { rule: "all_success", letters: "SFR", mapIndex: 2, decision: "upstream_failed" },
    { rule: "all_failed", letters: "FUR", mapIndex: 0, decision: "run" },
    { rule: "none_failed", letters: "SKR", mapIndex: 0, decision: "run" },
    { rule: "all_done", letters: "PR", mapIndex: 0, decision: "wait" },
  ] as const)("mapped $rule with $letters at $mapIndex: $decision", (row) => {
    const { rule, letters, mapIndex, decision } = row;
    expect(evaluateTriggerRule(rule, upstreams(letters), { mapIndex }).decision).toBe(decision);
  });

  test.each(["all_success", "all_failed", "none_failed", "all_skipped"] as const)(
    "unmapped %s does not wait for ever on a removed upstream",
    (rule) => {
      expect(evaluateTriggerRule(rule, upstreams("RP")).decision).toBe("wait");
      expect(evaluateTriggerRule(rule, upstreams("R")).decision).toBe("upstream_failed");
    },
  );

  test("a task without upstream runs", () => {
    expect(evaluateTriggerRule("one_success", upstreams("")).decision).toBe("run");
  });

  test("the reason names what was counted", () => {
    expect(evaluateTriggerRule("all_success", upstreams("SSFP")).reason).toBe(
      "rule all_success, of 4 upstream: 2 succeeded, 1 failed, 1 unfinished",
    );
  });
});
