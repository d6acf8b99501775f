import { createHash } from "node:crypto";
import type { TaskContext } from "@tidemill/dag-core";
import { provider, type ProviderMode, type ProviderSource } from "@tidemill/tasks/http";
import { paymentsApp } from "../../connections.ts";
import { allStored, type LoadCounts } from "../../lib/load-counts.ts";
import { type Batch, batchOf, daysOf } from "./batch.ts";
import { logged } from "./logged.ts";
import { sql } from "./sql.ts";

export interface Rate {
  readonly code: string;
  readonly scale: number;
  /** BYN for `scale` units, as decimal text. */
  readonly officialRate: string;
}

const currencies = ["USD", "EUR", "RUB"] as const;
/** Days before a batch whose rates may stand in for a day without a new one. */
const lookBackDays = 7;

interface NbrbRate {
  readonly Cur_Abbreviation: string;
  readonly Cur_Scale: number;
  readonly Cur_OfficialRate: number;
}

/** The bank's answer as rates; currencies are known by their abbreviation, since `Cur_ID` changes over time. */
export const ratesOf = (answer: readonly NbrbRate[]): Rate[] =>
  answer
    .filter(({ Cur_Abbreviation }) => currencies.some((code) => code === Cur_Abbreviation))
    .map(({ Cur_Abbreviation, Cur_Scale, Cur_OfficialRate }) => ({
      code: Cur_Abbreviation,
      scale: Cur_Scale,
      officialRate: Cur_OfficialRate.toFixed(4),
    }));

const fixture = [
  { code: "USD", scale: 1, base: 32_000 },
  { code: "EUR", scale: 1, base: 34_800 },
  { code: "RUB", scale: 100, base: 35_000 },
] as const;

/** Ten-thousandths of BYN around the base, by up to 2 %. */
function drift(day: string, code: string, base: number): number {
  const [byte = 0] = createHash("sha256").update(`${day}/${code}`).digest();
  return base + Math.round((base * (byte - 128)) / 6_400);
}

/** On Sundays the bank sets no rate: the look-back is for that. */
export const syntheticRates = (day: string): Rate[] =>
  new Date(`${day}T00:00:00Z`).getUTCDay() === 0
    ? []
    : fixture.map(({ code, scale, base }) => ({
        code,
        scale,
        officialRate: (drift(day, code, base) / 10_000).toFixed(4),
      }));

const address = (): string => process.env["NBRB_URL"] ?? "https://www.nbrb.by/api/exrates/rates";

/** Official rates of the National Bank of the Republic of Belarus on a day; no key is needed. */
export const nbrb = provider<string, Rate[]>({
  name: "nbrb",
  cacheKey: (day) => day,
  live: async (day, { json }) =>
    ratesOf(
      await json<readonly NbrbRate[]>(address(), {
        query: { periodicity: 0, ondate: day },
      }),
    ),
  synthetic: syntheticRates,
});

interface StoredRate extends Rate {
  readonly day: string;
  readonly source: ProviderSource;
}

const withLookBack = (batch: Batch): string[] => {
  const first = Date.parse(`${batch.since}T00:00:00Z`) - lookBackDays * 86_400_000;
  return daysOf({ ...batch, since: new Date(first).toISOString().slice(0, 10) });
};

type RatesContext = TaskContext<{
  batchDt?: string | undefined;
  since?: string | undefined;
  providers?: ProviderMode | undefined;
}>;

async function ratesOfDays(ctx: RatesContext, days: readonly string[]): Promise<StoredRate[]> {
  const { providers: mode } = ctx.params;
  const session = await nbrb.open(ctx, { cache: paymentsApp, ...(mode && { mode }) });
  const found: StoredRate[] = [];
  for (const day of days) {
    ctx.signal.throwIfAborted();
    const { value, source } = await session.get(day);
    for (const rate of value) found.push({ ...rate, day, source });
  }
  ctx.log.info("rates", session.counts);
  return found;
}

/** Stores the rates of the batch's days and of the week before; a live rate is not replaced by another. */
export function extractRates(ctx: RatesContext): Promise<LoadCounts> {
  const batch = batchOf(ctx);
  return logged(ctx, batch.batchDt, async () => {
    const startedAt = new Date();
    const rates = await ratesOfDays(ctx, withLookBack(batch));
    const rows = await ctx.transaction(paymentsApp, "currency_rate", async (tx) => {
      await sql.run(tx, "transform/dimention/currency_rate.sql", { rates: JSON.stringify(rates) });
      return rates.length;
    });
    await sql.run(await ctx.open(paymentsApp), "transform/etl/extract_log.sql", {
      run_id: ctx.runId,
      batch_dt: batch.batchDt,
      source: "nbrb",
      table_name: "currency_rate",
      mode: "api",
      started_at: startedAt,
      finished_at: new Date(),
      rows,
    });
    return allStored(rows);
  });
}
