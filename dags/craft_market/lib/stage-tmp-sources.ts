import { SkipTask, type TaskContext, tidemillError } from "@tidemill/dag-core";
import type { PostgresTransaction } from "@tidemill/tasks/postgres";
import { countsOf, type CountsRow, type LoadCounts } from "../../lib/load-counts.ts";
import { type Extractor, extractors as registered } from "./extractors.ts";
import { loggedLoad } from "./logged-load.ts";
import { craftMarketSql } from "./sql.ts";

/** Where the selects go in `tmp_sources.sql`. */
const placeholder = "{{selects of the sources, joined by union all}}";

/** The statement that fills `staging.tmp_sources` from these sources. */
export async function stageSql(sources: readonly Extractor[]): Promise<string> {
  const selects = await Promise.all(sources.map(({ file }) => craftMarketSql.read(file)));
  const template = await craftMarketSql.read("transform/staging/tmp_sources.sql");
  return template.replace(placeholder, () =>
    selects.map((sql) => sql.trim().replace(/;$/, "")).join("\nunion all\n"),
  );
}

export interface StageOptions {
  /** Defaults to every registered one. */
  readonly extractors?: readonly Extractor[];
  /** Whether a source may be without orders; one that lost them all is a fault otherwise. Defaults to false. */
  readonly allowEmptySources?: boolean;
}

/** A schedule may come before the first orders; a person who asks for a run is told that there are none. */
const nothingYet =
  'No source has orders yet; fill them, or run "tidemill trigger craft_market_dwh" with sources "generated"';

/** How many orders each source has; a source without any stops the run, unless it may. */
async function checkStaged(
  ctx: TaskContext,
  tx: PostgresTransaction,
  sources: readonly Extractor[],
  isAllowed: boolean,
): Promise<void> {
  const { rows } = await craftMarketSql.run<{ source_system: string; orders: number }>(
    tx,
    "transform/staging/staged_orders.sql",
  );
  if (rows.length === 0 && ctx.runType === "scheduled") throw new SkipTask(nothingYet);
  const staged = new Map(rows.map((row) => [row.source_system, row.orders]));
  ctx.log.info("orders staged", Object.fromEntries(staged));
  const empty = sources.find(({ sourceSystem }) => !staged.has(sourceSystem));
  if (empty === undefined || isAllowed) return;
  throw tidemillError("TIDEMILL_CHECK_FAILED", {
    check: "every source has orders",
    problem: `found none in ${empty.sourceSystem}`,
    remedy: "look at that source, or set the param allowEmptySources where this is right",
  });
}

/**
 * Brings the orders of all sources into one shape, and tells `dq.rejected_rows` which of them the star cannot take.
 *
 * @throws SkipTask in a scheduled run while no source has any; TidemillError `TIDEMILL_CHECK_FAILED` for a source without orders; staging keeps what it had.
 */
export const stageTmpSources = (
  ctx: TaskContext,
  { extractors = registered, allowEmptySources = false }: StageOptions = {},
): Promise<LoadCounts> =>
  loggedLoad(ctx, "staging.tmp_sources", async (tx) => {
    await tx.query(await stageSql(extractors));
    await checkStaged(ctx, tx, extractors, allowEmptySources);
    const { rows } = await craftMarketSql.run<CountsRow>(tx, "transform/dq/rejected_sources.sql", {
      run_id: ctx.runId,
    });
    return countsOf(rows[0]);
  });
