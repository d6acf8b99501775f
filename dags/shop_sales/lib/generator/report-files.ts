import { Random } from "../../../lib/random.ts";
import { decimal, items } from "./catalogue.ts";
import { orderCells, ordersOfHistory, ordersOfIncrement } from "./orders.ts";
import {
  daysOfHistory,
  daysOfIncrements,
  incrementIndex,
  incrementsWithoutStatus,
  passOf,
  type Sample,
  scales,
  seedOf,
  type Volume,
} from "./sample.ts";
import { withCopies } from "./with-copies.ts";

/** The files of a report by name, each made anew, in pieces, whenever it is read. */
export type ReportFiles = Readonly<Record<string, () => Iterable<string>>>;

const orderHeader =
  "id,uniq_id,date_time,city_id,city_name,customer_id,first_name,last_name,item_id,item_name,quantity,payment_amount";
const activityHeader = "id,uniq_id,date_time,action_id,customer_id,quantity";
const researchHeader = "date_id,category_id,geo_id,sales_qty,sales_amt";
const priceOfResearch = 384;
/** How often the row that is there most often is there. */
const hottest = (rows: number): number => (rows >= 10_000 ? 374 : 300);

/** Lines with running ids in front, in pieces of some hundred. */
function* numbered(header: string, rows: Iterable<string>): Generator<string> {
  let piece = `${header}\n`;
  let id = 0;
  for (const row of rows) {
    id += 1;
    piece += `${id},${row}\n`;
    if (id % 500 === 0) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

interface LogOptions extends Volume {
  readonly seed: string;
}

const logOf = (header: string, firsts: Iterable<string>, { seed, ...volume }: LogOptions) =>
  numbered(
    header,
    withCopies(firsts, { ...volume, hottest: hottest(volume.rows), random: new Random(seed) }),
  );

function* activityOf(sample: Sample, days: readonly string[], distinct: number): Generator<string> {
  for (const [index, day] of days.entries()) {
    const random = new Random(seedOf(sample, "activity", day));
    const until = Math.floor(((index + 1) * distinct) / days.length);
    for (let n = Math.floor((index * distinct) / days.length); n < until; n += 1) {
      const customer = random.integer(1, scales[sample.scale].customers);
      const uniqId = random.uuid().replaceAll("-", "");
      // Actions and quantities begin with 0, as the shop counts them.
      const rest = [random.integer(0, 3), customer, random.integer(0, 24)];
      yield [uniqId, `${day}T00:00:00`, ...rest].join(",");
    }
  }
}

function* researchOf(sample: Sample, days: readonly string[]): Generator<string> {
  let text = `${researchHeader}\n`;
  for (const day of days) {
    const random = new Random(seedOf(sample, "research", day));
    for (let category = 1_001; category <= 1_010; category += 1) {
      for (let geo = 1; geo <= 3; geo += 1) {
        const quantity = random.integer(0, 60);
        text += `${day}T00:00:00,${category},${geo},${quantity},${quantity * priceOfResearch}\n`;
      }
    }
  }
  yield text;
}

function* priceLog(): Generator<string> {
  for (const { name, price } of items) {
    yield `${name.includes(",") ? `"${name}"` : name},${decimal(price)}\n`;
  }
}

function* mapped<From>(list: Iterable<From>, to: (one: From) => string): Generator<string> {
  for (const one of list) yield to(one);
}

/** The files of the base report. */
export function historyFiles(sample: Sample): ReportFiles {
  const { orders, activity } = scales[sample.scale].history;
  const days = daysOfHistory(sample);
  return {
    "user_order_log.csv": () =>
      logOf(
        orderHeader,
        mapped(ordersOfHistory(sample), (order) => orderCells(order, false)),
        { ...orders, seed: seedOf(sample, "copies of orders") },
      ),
    "user_activity_log.csv": () =>
      logOf(activityHeader, activityOf(sample, days, activity.distinct), {
        ...activity,
        seed: seedOf(sample, "copies of activity"),
      }),
    "customer_research.csv": () => researchOf(sample, days),
    "price_log.csv": priceLog,
  };
}

/**
 * The files of the increment of a day.
 *
 * @returns Nothing for a day that has no increment in the passes so far.
 */
export function incrementFiles(sample: Sample, day: string): ReportFiles | undefined {
  if (!daysOfIncrements(sample).includes(day)) return undefined;
  const { orders, activity } = scales[sample.scale].increment;
  const hasStatus = incrementIndex(sample, day) >= incrementsWithoutStatus;
  const part = [passOf(sample, day), day] as const;
  return {
    "user_order_log_inc.csv": () =>
      logOf(
        hasStatus ? `${orderHeader},status` : orderHeader,
        mapped(ordersOfIncrement(sample, { day, hasStatus }), (order) =>
          orderCells(order, hasStatus),
        ),
        { ...orders, seed: seedOf(sample, "copies of orders", ...part) },
      ),
    "user_activity_log_inc.csv": () =>
      logOf(activityHeader, activityOf(sample, [day], activity.distinct), {
        ...activity,
        seed: seedOf(sample, "copies of activity", ...part),
      }),
    "customer_research_inc.csv": () => researchOf(sample, [day]),
    "price_log_inc.csv": priceLog,
  };
}
