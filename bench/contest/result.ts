/** The turns of one contender. */
export interface Standing {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly work: number;
  /** Medians of what else was measured. */
  readonly figures: Readonly<Record<string, number>>;
}

export type Standings = ReadonlyMap<string, Standing>;

/** What a case gave, as it is stored and printed. */
export interface ContestResult {
  readonly case: string;
  readonly what: string;
  readonly unit: string;
  readonly tidemill: Standing;
  /** With the settings that the documentation names for such work. */
  readonly tuned: Standing | null;
  readonly floor: Standing | null;
  /** Tidemill's median over the floor's; the other way round where more is better, so 1 is the floor. */
  readonly ratio: number | null;
  readonly peers: Readonly<Record<string, Readonly<Record<string, Standing>>>>;
  /** Every contender did each piece of its work once; without that there is no result. */
  readonly proved: true;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}
