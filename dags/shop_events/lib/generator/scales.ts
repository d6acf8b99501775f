export const scaleNames = ["minute", "demo", "load"] as const;
export type ScaleName = (typeof scaleNames)[number];

export interface Scale {
  /** Days before `today` that visits are spread over; 0 means one moment, now. */
  readonly days: number;
  /** Users who may visit in one pass. */
  readonly users: number;
  readonly visits: number;
  /** Fewest and most events of a visit, its start and end not counted. */
  readonly events: readonly [number, number];
  /** How often a purchase is drawn for once of any other type. */
  readonly purchaseWeight: number;
  /** Chance that a user is gone after a visit. */
  readonly churn: number;
  /** Whether malformed, late, repeated and extreme messages are mixed in. */
  readonly faults: boolean;
  /** Most messages. Defaults to no limit. */
  readonly messages?: number;
}

/** User ids run from 1 to this. */
export const lastUserId = 5_000;

/** How far the circle of users moves from one pass to the next, so that each pass has new ones. */
export const usersMovedPerPass = 50;

export const scales: Readonly<Record<ScaleName, Scale>> = {
  minute: {
    days: 0,
    users: lastUserId,
    visits: 1,
    events: [2, 2],
    purchaseWeight: 1,
    churn: 0.05,
    faults: false,
  },
  demo: {
    days: 30,
    users: 200,
    visits: 1_700,
    events: [5, 9],
    purchaseWeight: 1,
    churn: 0.05,
    faults: true,
  },
  // Fewer users leave than in the demo: at 5 % all of them would be gone before the end.
  load: {
    days: 90,
    users: lastUserId,
    visits: 110_000,
    events: [9, 13],
    purchaseWeight: 1.6,
    churn: 0.01,
    faults: true,
    messages: 2_000_000,
  },
};
