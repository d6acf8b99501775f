import Table from "cli-table3";
import type { RunResult } from "./first-pass.ts";
import type { Summary } from "./pipelines.ts";

/** A line for people, on standard error: standard output is for the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printRun({ dagId, state, seconds }: RunResult): void {
  say(`${state === "success" ? "done" : state.toUpperCase()}  ${dagId}  ${seconds.toFixed(1)} s`);
}

/** The tables of a pipeline with their rows, and its headline figures. */
export function printSummary(
  summary: Summary,
  result: { readonly ok: boolean; readonly seconds: number; readonly problems: readonly string[] },
): void {
  const rows = new Table({
    head: ["table", "rows"],
    colAligns: ["left", "right"],
    style: { head: [] },
  });
  for (const [name, count] of Object.entries(summary.rows)) rows.push([name, String(count)]);
  const headlines = new Table({ head: ["figure", "value"], style: { head: [] } });
  for (const { label, value } of summary.headlines) headlines.push([label, value]);
  process.stdout.write(`${rows.toString()}\n${headlines.toString()}\n`);
  for (const problem of result.problems) say(`problem: ${problem}`);
  say(`${result.ok ? "Reconciled" : "Not in order"} after ${result.seconds} s.`);
}
