type ColumnType = "bigint" | "date" | "text";

export interface SourceColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isRequired: boolean;
}

/** A table of a source, as its site keeps it. */
export interface SourceTable {
  /** With its schema. */
  readonly name: string;
  readonly key: string;
  readonly columns: readonly SourceColumn[];
  /** Columns that name a row of another table of the source. */
  readonly references: Readonly<Record<string, string>>;
}

const column =
  (type: ColumnType, isRequired: boolean) =>
  (name: string): SourceColumn => ({ name, type, isRequired });
const id = column("bigint", true);
const text = column("text", true);
const day = column("date", true);
const maybeText = column("text", false);
const maybeDay = column("date", false);

const craftsman = [
  id("craftsman_id"),
  text("craftsman_name"),
  text("craftsman_address"),
  day("craftsman_birthday"),
  text("craftsman_email"),
];
const product = [
  id("product_id"),
  text("product_name"),
  text("product_description"),
  text("product_type"),
  id("product_price"),
];
const order = [
  id("order_id"),
  maybeDay("order_created_date"),
  maybeDay("order_completion_date"),
  text("order_status"),
];
const customer = [
  id("customer_id"),
  maybeText("customer_name"),
  maybeText("customer_address"),
  maybeDay("customer_birthday"),
  text("customer_email"),
];
const customerWithAddress = customer.map((one) =>
  one.name === "customer_address" ? { ...one, isRequired: true } : one,
);

/** The tables of the four sources; what refers to another table stands after it. */
export const sourceTables = [
  {
    name: "source1.craft_market_wide",
    key: "id",
    columns: [id("id"), ...craftsman, ...product, ...order, ...customer],
    references: {},
  },
  {
    name: "source2.craft_market_masters_products",
    key: "craftsman_id",
    columns: [...craftsman, ...product],
    references: {},
  },
  {
    name: "source2.craft_market_orders_customers",
    key: "order_id",
    columns: [...order, id("craftsman_id"), id("product_id"), ...customerWithAddress],
    references: { craftsman_id: "source2.craft_market_masters_products" },
  },
  {
    name: "source3.craft_market_craftsmans",
    key: "craftsman_id",
    columns: craftsman,
    references: {},
  },
  {
    name: "source3.craft_market_customers",
    key: "customer_id",
    columns: customer,
    references: {},
  },
  {
    name: "source3.craft_market_orders",
    key: "order_id",
    columns: [...order, id("craftsman_id"), id("customer_id"), ...product],
    references: {
      craftsman_id: "source3.craft_market_craftsmans",
      customer_id: "source3.craft_market_customers",
    },
  },
  {
    name: "external_source.customers",
    key: "customer_id",
    columns: customer,
    references: {},
  },
  {
    name: "external_source.craft_products_orders",
    key: "id",
    columns: [id("id"), ...craftsman, ...product, ...order, id("customer_id")],
    references: { customer_id: "external_source.customers" },
  },
] as const satisfies readonly SourceTable[];

export type SourceTableName = (typeof sourceTables)[number]["name"];

/** The schema of a table, which is the name of its source. */
export const sourceOf = (table: string): string => table.split(".")[0] ?? table;
