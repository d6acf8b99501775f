export interface Scale {
  readonly days: number;
  readonly users: number;
  readonly legalClients: number;
  readonly merchants: number;
  readonly transactions: number;
  readonly events: number;
  readonly sessions: number;
  readonly deals: number;
  readonly contracts: number;
  readonly excelReports: number;
  readonly csvLines: number;
  readonly logLines: number;
  readonly documents: number;
}

export const scaleNames = ["small", "demo", "load"] as const;
export type ScaleName = (typeof scaleNames)[number];

/** Rows over all days of a scale; `small` is for tests. */
export const scales: Readonly<Record<ScaleName, Scale>> = {
  small: {
    days: 40,
    users: 60,
    legalClients: 12,
    merchants: 24,
    transactions: 1_200,
    events: 2_400,
    sessions: 480,
    deals: 24,
    contracts: 16,
    excelReports: 5,
    csvLines: 200,
    logLines: 200,
    documents: 2,
  },
  demo: {
    days: 120,
    users: 500,
    legalClients: 60,
    merchants: 80,
    transactions: 20_000,
    events: 100_000,
    sessions: 15_000,
    deals: 200,
    contracts: 80,
    excelReports: 17,
    csvLines: 5_000,
    logLines: 5_000,
    documents: 3,
  },
  load: {
    days: 180,
    users: 200_000,
    legalClients: 5_000,
    merchants: 8_000,
    transactions: 3_000_000,
    events: 10_000_000,
    sessions: 1_500_000,
    deals: 20_000,
    contracts: 7_000,
    excelReports: 26,
    csvLines: 1_000_000,
    logLines: 1_000_000,
    documents: 50,
  },
};

/** Rows of the days before a day, when all days together have `total`. */
export const before = (total: number, day: number, days: number): number =>
  Math.floor((total * day) / days);
