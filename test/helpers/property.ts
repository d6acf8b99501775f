import fc from "fast-check";

export interface PropertyOptions {
  /** Cases generated. Defaults to 1,000. */
  readonly cases?: number;
}

const { TIDEMILL_TEST_SEED: seed = "20260101", TIDEMILL_TEST_PATH: path } = process.env;

/**
 * Which cases are drawn: the same in each run, so that no change is refused for what another one broke. Another
 * `TIDEMILL_TEST_SEED` draws others.
 */
export const draw = {
  seed: Number(seed),
  ...(path === undefined ? {} : { path, endOnFailure: true }),
};

/**
 * Asserts a property of generated cases. A failure prints its seed and path; with them in `TIDEMILL_TEST_SEED` and
 * `TIDEMILL_TEST_PATH` the same case is generated again.
 *
 * @example holdsFor(fc.property(fc.integer(), (n) => n - n === 0), { cases: 5_000 })
 */
export function holdsFor<T>(
  property: fc.IProperty<T>,
  { cases = 1_000 }: PropertyOptions = {},
): void {
  fc.assert(property, {
    ...draw,
    numRuns: cases,
    reporter: (details) => {
      if (details.failed)
        throw new Error(`${fc.defaultReportMessage(details)}\n${replay(details)}`);
    },
  });
}

function replay<T>({ seed, counterexamplePath: path }: fc.RunDetails<T>): string {
  return `Again: TIDEMILL_TEST_SEED=${seed} TIDEMILL_TEST_PATH=${path} with this test alone (-t)`;
}

/** Throws what a property found broken. `expect` costs more than a case does. */
export function check(condition: boolean, broken: string): void {
  if (!condition) throw new Error(broken);
}

/** Throws the things that should not be. */
export function checkNone(things: readonly unknown[], broken: string): void {
  if (things.length > 0) throw new Error(`${broken}: ${JSON.stringify(things.slice(0, 5))}`);
}
