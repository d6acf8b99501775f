import { parseArgs } from "node:util";
import { postgres } from "@tidemill/tasks/postgres";
import { migrateDown, migrateUp } from "../migrations.ts";

const help = `Usage: node --conditions=source dags/shop_sales/lib/cli/migrate.ts up | down [--count N]

Brings the database of TIDEMILL_CONN_SHOP_SALES to the newest layout, or takes migrations back, the last first
(all of them without --count). The next run of a DAG applies them again.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" } },
});
const [direction] = positionals;
const uri = process.env["TIDEMILL_CONN_SHOP_SALES"] ?? "";

if ((direction !== "up" && direction !== "down") || uri === "") {
  process.stderr.write(help);
  process.exitCode = 2;
} else {
  await using hook = await postgres("shop_sales").open(uri, new AbortController().signal);
  const count = values.count === undefined ? Infinity : Number(values.count);
  const done = await hook.transaction((tx) =>
    direction === "up" ? migrateUp(tx) : migrateDown(tx, count),
  );
  const what = direction === "up" ? "applied" : "taken back";
  process.stdout.write(`${what}: ${done.join(", ") || "nothing"}\n`);
}
