import type { SourceTableName } from "../source-tables.ts";
import type { History } from "./drafts.ts";
import { type Order, orderOf } from "./orders.ts";
import {
  type Craftsman,
  craftsmanOf,
  type Customer,
  customerOf,
  type Product,
  productOf,
  type SourceName,
} from "./people.ts";

type Cell = string | number | null;
export type Row = readonly Cell[];

const craftsmanCells = (c: Craftsman): Row => [c.id, c.name, c.address, c.birthday, c.email];
const productCells = (p: Product): Row => [p.id, p.name, p.description, p.type, p.price];
const customerCells = (c: Customer): Row => [c.id, c.name, c.address, c.birthday, c.email];
const orderCells = (o: Order): Row => [o.id, o.created, o.completed, o.status];

interface OrderTable {
  readonly table: SourceTableName;
  /** Cells in the order of the columns of the table. */
  readonly row: (order: Order) => Row;
}

/** Where each source keeps its orders. */
export const orderTables: Readonly<Record<SourceName, OrderTable>> = {
  source1: {
    table: "source1.craft_market_wide",
    row: (order) => [
      order.id,
      ...craftsmanCells(order.craftsman),
      ...productCells(order.product),
      ...orderCells(order),
      ...customerCells(order.customer),
    ],
  },
  source2: {
    table: "source2.craft_market_orders_customers",
    row: (order) => [
      ...orderCells(order),
      order.craftsman.id,
      order.product.id,
      ...customerCells(order.customer),
    ],
  },
  source3: {
    table: "source3.craft_market_orders",
    row: (order) => [
      ...orderCells(order),
      order.craftsman.id,
      order.customer.id,
      ...productCells(order.product),
    ],
  },
  external_source: {
    table: "external_source.craft_products_orders",
    row: (order) => [
      order.id,
      ...craftsmanCells(order.craftsman),
      ...productCells(order.product),
      ...orderCells(order),
      order.customer.id,
    ],
  },
};

/** Rows of the orders `from` to `to` of a source, both included. */
export function* orderRows(
  history: History,
  source: SourceName,
  from: number,
  to: number,
): Generator<Row> {
  const { row } = orderTables[source];
  for (let id = from; id <= to; id += 1) yield row(orderOf(history, source, id));
}

function* upTo(count: number, row: (id: number) => Row): Generator<Row> {
  for (let id = 1; id <= count; id += 1) yield row(id);
}

/** A craftsman with his only product; the last one gives it away. */
const masterRow =
  ({ seed, scale }: History) =>
  (id: number): Row => {
    const product = productOf(seed, "source2", id, false);
    const price = id === scale.craftsmen ? 0 : product.price;
    const craftsman = craftsmanOf(seed, "source2", id);
    return [...craftsmanCells(craftsman), ...productCells({ ...product, price })];
  };

/** The tables of the first pass with their rows; what refers to another table stands after it. */
export function* firstPass(
  history: History,
): Generator<{ readonly table: SourceTableName; readonly rows: Iterable<Row> }> {
  const { seed, scale } = history;
  const customers = (source: SourceName) =>
    upTo(scale.customers, (id) => customerCells(customerOf(seed, source, id, scale)));
  const orders = (source: SourceName) => ({
    table: orderTables[source].table,
    rows: orderRows(history, source, 1, scale.orders),
  });
  yield orders("source1");
  yield {
    table: "source2.craft_market_masters_products",
    rows: upTo(scale.craftsmen, masterRow(history)),
  };
  yield orders("source2");
  yield {
    table: "source3.craft_market_craftsmans",
    rows: upTo(scale.craftsmen, (id) => craftsmanCells(craftsmanOf(seed, "source3", id))),
  };
  yield { table: "source3.craft_market_customers", rows: customers("source3") };
  yield orders("source3");
  yield { table: "external_source.customers", rows: customers("external_source") };
  yield orders("external_source");
}
