import { testContext } from "@tidemill/dag-core/testing";
import type { LoadCounts } from "../../../dags/lib/load-counts.ts";
import { checkMarts, checkStar } from "../../../dags/craft_market/lib/checks.ts";
import { type Extractor } from "../../../dags/craft_market/lib/extractors.ts";
import { initSchema } from "../../../dags/craft_market/lib/init-schema.ts";
import { mergeDimension, mergeFacts } from "../../../dags/craft_market/lib/merge.ts";
import { refreshMart, refreshViews } from "../../../dags/craft_market/lib/refresh-marts.ts";
import { stageTmpSources } from "../../../dags/craft_market/lib/stage-tmp-sources.ts";
import { targetDatabase } from "../../helpers/target-database.ts";

type Row = Record<string, unknown>;

/** An order as source1 has it; what a test does not name is filled in. */
export interface WideOrder {
  readonly id: number;
  readonly order_id?: number | null;
  readonly order_created_date?: string | null;
  readonly order_completion_date?: string | null;
  readonly order_status?: string;
  readonly craftsman_id?: number;
  readonly craftsman_name?: string;
  readonly craftsman_address?: string;
  readonly craftsman_birthday?: string;
  readonly craftsman_email?: string;
  readonly product_name?: string;
  readonly product_description?: string;
  readonly product_type?: string;
  readonly product_price?: number;
  readonly customer_name?: string | null;
  readonly customer_address?: string | null;
  readonly customer_birthday?: string | null;
  readonly customer_email?: string;
}

const wide = (order: WideOrder): Row => ({
  order_id: order.id,
  order_created_date: "2024-01-10",
  order_completion_date: null,
  order_status: "created",
  craftsman_id: 1,
  craftsman_name: "Maker 1",
  craftsman_address: "1 Mill Lane",
  craftsman_birthday: "1970-05-05",
  craftsman_email: "maker1@example.com",
  product_id: order.id,
  product_name: `product ${order.id}`,
  product_description: "",
  product_type: "clothes",
  product_price: 100,
  customer_id: 1,
  customer_name: "A",
  customer_address: "1 Quay",
  customer_birthday: "1990-06-15",
  customer_email: "a@example.com",
  ...order,
});

export interface RefreshOptions {
  readonly extractors?: readonly Extractor[];
  readonly rebuild?: boolean;
}

const everyTable = `
  select format('%I.%I', table_schema, table_name) as name
  from information_schema.tables
  where table_type = 'BASE TABLE'
    and table_schema in ('source1', 'source2', 'source3', 'external_source', 'staging', 'dwh', 'dq')
  union all
  select format('%I.%I', schemaname, matviewname) from pg_matviews
  order by 1`;

/** A warehouse of its own with the schema in it. */
export async function market() {
  const target = await targetDatabase();
  const connections = { craft_market: target.uri };
  await using setup = testContext({ connections });
  await initSchema(setup);

  /** Stores orders in source1 in place of those with the same id. */
  const give = async (...orders: readonly WideOrder[]): Promise<void> => {
    await target.query("delete from source1.craft_market_wide where id = any ($1)", [
      orders.map(({ id }) => id),
    ]);
    await target.query(
      `insert into source1.craft_market_wide overriding system value
       select * from json_populate_recordset(null::source1.craft_market_wide, $1)`,
      [JSON.stringify(orders.map(wide))],
    );
  };

  /** From the sources to the views, as the DAG does. */
  const load = async ({ extractors, rebuild = false }: RefreshOptions = {}) => {
    await using ctx = testContext({ connections });
    const counts: Record<string, LoadCounts> = {};
    counts["staged"] = await stageTmpSources(ctx, {
      allowEmptySources: true,
      ...(extractors && { extractors }),
    });
    for (const table of ["d_craftsman", "d_customer", "d_product"] as const) {
      counts[table] = await mergeDimension(ctx, table);
    }
    counts["f_order"] = await mergeFacts(ctx);
    await checkStar(ctx);
    counts["customer"] = await refreshMart(ctx, "customer", { rebuild });
    counts["craftsman"] = await refreshMart(ctx, "craftsman", { rebuild });
    await checkMarts(ctx);
    await refreshViews(ctx);
    return counts;
  };

  const mart = (subject: "customer" | "craftsman" = "customer"): Promise<Row[]> =>
    target
      .query(
        `select to_jsonb(m) - 'id' as row from dwh.${subject}_report_datamart m
       order by ${subject}_id, report_period`,
      )
      .then((rows) => rows.map(({ row }) => row as Row));

  /** Some columns of the customers' mart, a row for each customer and month. */
  const months = (columns: string): Promise<Row[]> =>
    target.query(
      `select customer_name, report_period, ${columns}
       from dwh.customer_report_datamart order by customer_name, report_period`,
    );

  const watermarks = () =>
    target.query<{ load_dttm: string }>(
      "select load_dttm::text from dwh.load_dates_customer_report_datamart order by id",
    );

  const checksums = async (): Promise<Record<string, string>> => {
    const tables = await target.query<{ name: string }>(everyTable);
    const sums: Record<string, string> = {};
    for (const { name } of tables) {
      const [found] = await target.query<{ sum: string }>(
        `select count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) as sum
         from ${name} t`,
      );
      sums[name] = found?.sum ?? "";
    }
    return sums;
  };

  const empty = async (): Promise<void> => {
    await target.query(
      `truncate source1.craft_market_wide, source2.craft_market_orders_customers,
         source2.craft_market_masters_products, source3.craft_market_orders,
         source3.craft_market_craftsmans, source3.craft_market_customers,
         external_source.craft_products_orders, external_source.customers,
         staging.tmp_sources, staging.tmp_sources_fact, dwh.f_order, dwh.d_product, dwh.d_customer,
         dwh.d_craftsman, dwh.customer_report_datamart, dwh.craftsman_report_datamart,
         dwh.load_dates_customer_report_datamart, dwh.load_dates_craftsman_report_datamart,
         dq.rejected_rows, etl.run_log, etl.generator_passes
       restart identity`,
    );
  };
  return { ...target, connections, give, load, mart, months, watermarks, checksums, empty };
}

export type Market = Awaited<ReturnType<typeof market>>;
