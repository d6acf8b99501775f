import type { Dag } from "@tidemill/dag-core";
import adReport from "../../dags/payments_app/payments_ad_report_weekly.ts";
import daily from "../../dags/payments_app/payments_dwh_daily.ts";
import generate from "../../dags/payments_app/payments_generate_sources.ts";
import init from "../../dags/payments_app/payments_init.ts";
import type { BenchCase, Measurement } from "../bench.ts";
import { memoryOf } from "../memory.ts";
import { withOwnStack } from "../own-stack.ts";
import { ratesOf, runStages, secondsOf } from "../stages.ts";

/** 180 days that end with 28 June; the last of them is a daily batch of its own. */
const sample = { scale: "load", today: "2024-06-29" };
const history = { providers: "offline", since: "2024-01-01", batchDt: "2024-06-27" };
const lastDay = { providers: "offline", batchDt: "2024-06-28" };

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const services = {
    services: ["postgres", "clickhouse"],
    databases: ["payments_app"],
  } as const;
  return withOwnStack({ ...services, onProgress: report }, async (connections) => {
    const stage = (dag: Dag, runId: string, params: Record<string, unknown> = {}) =>
      runStages(dag, { connections, params, runId: `bench_${runId}`, report });
    await stage(init, "init");
    const made = await stage(generate, "generate_1", { ...sample, pass: 1 });
    const first = await memoryOf(() => stage(daily, "history", history));
    await stage(adReport, "ads");
    await stage(generate, "generate_2", { ...sample, pass: 2 });
    const second = await stage(daily, "day", lastDay);
    return [
      ...ratesOf(first.result),
      { what: "sample sources, all rows", unit: "s", value: secondsOf(made) },
      { what: "history, all tasks", unit: "s", value: secondsOf(first.result) },
      { what: "memory of the process, second half over first", unit: "ratio", value: first.growth },
      { what: "one day, all tasks", unit: "s", value: secondsOf(second) },
    ];
  });
}

/** Stages of the payments app at its `load` scale: 3 million transactions, 10 million events, then one day more. */
export const paymentsApp: BenchCase = { name: "payments-app", run };
