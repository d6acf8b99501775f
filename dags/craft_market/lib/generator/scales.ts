/** Rows of a volume of sample data. */
export interface Scale {
  /** Of each of the four sources. */
  readonly orders: number;
  readonly craftsmen: number;
  readonly customers: number;
  readonly months: number;
  /** Of all sources together, in each pass after the first. */
  readonly batch: {
    readonly orders: number;
    readonly statuses: number;
    readonly addresses: number;
  };
}

export const scaleNames = ["demo", "load"] as const;
export type ScaleName = (typeof scaleNames)[number];

export const scales: Readonly<Record<ScaleName, Scale>> = {
  demo: {
    orders: 1_000,
    craftsmen: 100,
    customers: 400,
    months: 24,
    batch: { orders: 40, statuses: 40, addresses: 5 },
  },
  load: {
    orders: 500_000,
    craftsmen: 20_000,
    customers: 100_000,
    months: 60,
    batch: { orders: 10_000, statuses: 10_000, addresses: 1_000 },
  },
};
