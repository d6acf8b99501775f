/** One figure of a case. */
export interface Measurement {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  /** What it ought to reach; shown beside it, never a reason to fail. */
  readonly target?: number;
}

export interface BenchCase {
  readonly name: string;
  /** Measures, telling of its progress. Throws where the work was not done, since its figures would mean nothing. */
  run(report: (line: string) => void): Promise<readonly Measurement[]>;
}
