import type { WideOrder } from "./market.ts";

export const maker2 = {
  craftsman_id: 2,
  craftsman_name: "Maker 2",
  craftsman_email: "maker2@example.com",
};
export const done = (created: string, completed: string) => ({
  order_created_date: created,
  order_completion_date: completed,
  order_status: "done",
});

/** Section 6 of the specification. */
export const customerA: readonly WideOrder[] = [
  { id: 1, product_price: 100, ...done("2024-01-01", "2024-01-03") },
  { id: 2, product_price: 200, ...maker2, ...done("2024-01-10", "2024-01-14") },
  {
    id: 3,
    product_price: 300,
    product_type: "Beauty & Hygiene",
    order_created_date: "2024-01-31",
    order_status: "delivery",
  },
  { id: 4, product_price: 50, order_created_date: "2024-02-01", order_status: "created" },
];
