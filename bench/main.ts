import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { BenchCase, Measurement } from "./bench.ts";
import { craftMarket } from "./cases/craft-market.ts";
import { overdueLoans } from "./cases/overdue-loans.ts";
import { paymentsApp } from "./cases/payments-app.ts";
import { shopSales } from "./cases/shop-sales.ts";
import type { Contest } from "./contest/contest.ts";
import { keepResult, resultOf, writePages } from "./contest/results.ts";
import { runContest } from "./contest/run-contest.ts";
import { shown } from "./contest/shown.ts";
import { contests } from "./contests.ts";
import { interrupted } from "./interrupted.ts";
import { machine } from "./machine.ts";

const loads = [craftMarket, shopSales, paymentsApp, overdueLoans];

/** `wide` means each of its widths. */
const isMeant = (contest: string, name: string): boolean =>
  name === "all" || contest === name || contest.startsWith(`${name}-`);

const help = `Usage: npm run bench -- <case>|all|page [options]

Cases beside others: ${contests.map(({ name }) => name).join(", ")}
Loads of the pipelines: ${loads.map(({ name }) => name).join(", ")}
"all" plays every case beside others; one that fails is told, and the next is played. "page" plays none.
Each writes RESULTS.md and the table of README.md anew from the results that are kept.

  --peers a,b       the peers that take part: graphile-worker, pg-boss, dbos (default: all)
  --runs N          turns of each contender whose turn is short (default: 5)
  --output json     one line of JSON for each case (default: table)
`;

const outputs = ["table", "json"];

const report = (line: string): void => void process.stderr.write(`${line}\n`);

function newTable(head: readonly string[]) {
  return new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
}

async function measure(load: BenchCase, isJson: boolean): Promise<void> {
  const measurements = await load.run(report);
  if (isJson) return printJson({ case: load.name, machine: machine(), measurements });
  const table = newTable(["figure", "value", "unit", "aim"]);
  const row = ({ what, unit, value, target }: Measurement) => [
    what,
    shown(value),
    unit,
    target === undefined ? "" : shown(target),
  ];
  table.push(...measurements.map(row));
  process.stdout.write(`${machine()}\n${table.toString()}\n`);
}

interface Choice {
  readonly isJson: boolean;
  readonly peers: readonly string[] | undefined;
  readonly runs: number;
}

async function compare(contest: Contest, { isJson, peers, runs }: Choice): Promise<void> {
  const began = performance.now();
  const standings = await runContest(contest, { peers, runs, report });
  report(`${contest.name} took ${Math.round((performance.now() - began) / 1_000)} s`);
  const result = resultOf(contest, standings, machine());
  // With fewer peers or turns the page would lose what it says.
  if (peers === undefined && runs >= 5) {
    await keepResult(result);
    await writePages(contests);
  }
  if (isJson) return printJson(result);
  const table = newTable([contest.name, contest.unit, "least", "greatest", "turns", "work"]);
  for (const [name, { median, min, max, runs: turns, work }] of standings) {
    table.push([name, shown(median), shown(min), shown(max), turns, work]);
  }
  process.stdout.write(`${contest.what}\n${machine()}\n${table.toString()}\n`);
}

/** Cases start processes as users do, from the built package. */
function build(): void {
  const script = fileURLToPath(new URL("../scripts/build.mjs", import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("the packages cannot be built");
}

/** One after another; a case that fails is told and leaves the results of the others. @returns names of those that failed */
async function compareAll(chosen: readonly Contest[], choice: Choice): Promise<readonly string[]> {
  const minutes = chosen.reduce((sum, contest) => sum + contest.minutes, 0);
  report(`cases: ${chosen.length}, at most about ${minutes} minutes on two cores`);
  build();
  const failed: string[] = [];
  for (const contest of chosen) {
    interrupted.throwIfAborted();
    report(`${contest.name}: at most about ${contest.minutes} min`);
    try {
      await compare(contest, choice);
    } catch (error) {
      interrupted.throwIfAborted();
      report(`${contest.name} failed: ${error instanceof Error ? error.stack : String(error)}`);
      failed.push(contest.name);
    }
  }
  return failed;
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: "string", default: "table" },
      peers: { type: "string" },
      runs: { type: "string", default: "5" },
      help: { type: "boolean", default: false },
    },
  });
  if (!outputs.includes(values.output)) {
    report(`"${values.output}" is no form of output; choose one of ${outputs.join(", ")}.`);
    return 2;
  }
  const name = positionals[0] ?? "";
  const runs = Number(values.runs);
  const chosen = contests.filter((contest) => isMeant(contest.name, name));
  const load = loads.find((one) => one.name === name);
  if (name === "page") {
    await writePages(contests);
    return 0;
  }
  if (values.help || (chosen.length === 0 && !load) || !(runs >= 1)) {
    process.stderr.write(help);
    return values.help ? 0 : 2;
  }
  const isJson = values.output === "json";
  if (load) await measure(load, isJson);
  const failed = await compareAll(chosen, { isJson, runs, peers: values.peers?.split(",") });
  if (failed.length > 0) report(`failed: ${failed.join(", ")}`);
  return failed.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  // Ended on purpose, with everything cleaned up.
  if (!interrupted.aborted) throw error;
  report(String(interrupted.reason));
  process.exitCode = 130;
}
