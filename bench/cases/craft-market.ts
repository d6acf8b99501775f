import craftMarketDwh from "../../dags/craft_market/craft_market_dwh.ts";
import type { BenchCase, Measurement } from "../bench.ts";
import { memoryOf } from "../memory.ts";
import { withOwnStack } from "../own-stack.ts";
import { ratesOf, runStages, secondsOf } from "../stages.ts";

const scale = { sources: "generated", scale: "load", today: "2025-01-01" };

async function run(report: (line: string) => void): Promise<readonly Measurement[]> {
  const services = { services: ["postgres"], databases: ["craft_market"] } as const;
  return withOwnStack({ ...services, onProgress: report }, async (connections) => {
    const pass = (number: number) => {
      const params = { ...scale, pass: number };
      return runStages(craftMarketDwh, { connections, params, runId: `bench_${number}`, report });
    };
    const first = await memoryOf(() => pass(1));
    const second = await pass(2);
    const mart = second.find(({ taskId }) => taskId.startsWith("refresh_customer"));
    return [
      ...ratesOf(first.result),
      { what: "first pass, all tasks", unit: "s", value: secondsOf(first.result) },
      { what: "memory of the process, second half over first", unit: "ratio", value: first.growth },
      { what: "second pass, all tasks", unit: "s", value: secondsOf(second) },
      { what: "second pass, customer mart", unit: "s", value: mart?.seconds ?? 0 },
    ];
  });
}

/** Stages of the craft market at its `load` scale: two million orders, then a batch of 21,000 changes. */
export const craftMarket: BenchCase = { name: "craft-market", run };
