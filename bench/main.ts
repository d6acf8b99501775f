import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import type { Measurement } from "./bench.ts";
import { craftMarket } from "./cases/craft-market.ts";
import { overdueLoans } from "./cases/overdue-loans.ts";
import { paymentsApp } from "./cases/payments-app.ts";
import { pipeline } from "./cases/pipeline.ts";
import { shopSales } from "./cases/shop-sales.ts";

const cases = [pipeline, craftMarket, shopSales, paymentsApp, overdueLoans];

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model ?? arch();
  return `${availableParallelism()} cores (${model}), ${gigabytes} GB, ${platform()}, Node ${process.version}`;
}

function print(measurements: readonly Measurement[]): void {
  const table = new Table({
    head: ["figure", "value", "unit", "aim"],
    colAligns: ["left", "right", "left", "right"],
    style: { head: [], border: [], compact: true },
  });
  const shown = (value: number) =>
    value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString("en-US");
  for (const { what, unit, value, target } of measurements) {
    table.push([what, shown(value), unit, target === undefined ? "" : shown(target)]);
  }
  process.stdout.write(`${machine()}\n${table.toString()}\n`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { output: { type: "string", default: "table" } },
});
const chosen = cases.find((one) => one.name === positionals[0]);
if (!chosen) {
  const names = cases.map((one) => one.name).join(", ");
  process.stderr.write(
    `"${positionals[0] ?? ""}" is not a benchmark; use one of ${names}, for example: npm run bench -- pipeline\n`,
  );
  process.exitCode = 2;
} else {
  const measurements = await chosen.run((line) => process.stderr.write(`${line}\n`));
  if (values.output === "json") {
    process.stdout.write(
      `${JSON.stringify({ case: chosen.name, machine: machine(), measurements })}\n`,
    );
  } else {
    print(measurements);
  }
}
