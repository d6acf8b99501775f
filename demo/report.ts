import Table from "cli-table3";
import type { EventBus } from "@tidemill/dag-core/engine";
import type { RunResult } from "./first-pass.ts";
import type { Answer, Summary } from "../dags/lib/summary.ts";
import type { Result } from "./result.ts";

/** A line for people, on standard error: standard output is for the result. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Tells what a person at the terminal wants to know of what happens. */
export function tellOf(events: EventBus): void {
  events.on("dag.import_failed", ({ file, error }) => say(`${file} cannot be imported: ${error}`));
  events.on("dag_run.started", ({ dagId, runId }) => say(`started  ${dagId}  ${runId}`));
  events.on("task_instance.retry_scheduled", ({ dagId, taskId, error }) =>
    say(`try failed, again soon: ${dagId}.${taskId}: ${error}`),
  );
  events.on("task_instance.failed", ({ dagId, taskId, error }) =>
    say(`failed: ${dagId}.${taskId}: ${error}`),
  );
  events.on("alert.logged", ({ text }) => say(`alert: ${text.replaceAll("\n", "\n  ")}`));
  events.on("database.lost", ({ error }) => say(`the engine's database is away: ${error}`));
  events.on("database.recovered", () => say("the engine's database is back"));
}

/** Tells how runs end that nobody waits for. */
export function tellEndsOf(events: EventBus): void {
  const ends = [
    ["dag_run.succeeded", "success"],
    ["dag_run.failed", "failed"],
    ["dag_run.cancelled", "cancelled"],
  ] as const;
  for (const [name, state] of ends) {
    events.on(name, ({ dagId, runId }) => say(`${state}  ${dagId}  ${runId}`));
  }
}

export function printRun({ dagId, state, seconds }: RunResult): void {
  say(`${state}  ${dagId}  ${seconds.toFixed(1)} s`);
}

/** The tables of a pipeline with their rows, its headline figures and its answers. */
export function printSummary(summary: Summary, result: Result): void {
  print(["table", "rows"], Object.entries(result.rows));
  print(
    ["figure", "value"],
    summary.headlines.map(({ label, value }) => [label, value]),
  );
  for (const [question, answer] of Object.entries(summary.answers ?? {})) {
    process.stdout.write(`${question}\n`);
    printAnswer(answer);
  }
  for (const problem of result.problems) say(`problem: ${problem}`);
  say(`${result.ok ? "Reconciled" : "Not in order"} after ${result.seconds} s.`);
}

function printAnswer(answer: Answer): void {
  const columns = Object.keys(answer[0] ?? {});
  print(
    columns,
    answer.map((row) => columns.map((column) => row[column] ?? "")),
  );
}

type Cell = string | number;

function print(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const isNumber = (column: number) => rows.every((row) => typeof row[column] === "number");
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (isNumber(column) ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => row.map(String)));
  process.stdout.write(`${table.toString()}\n`);
}
