import { distance } from "fastest-levenshtein";

/**
 * The known name closest to what was given, if it is close enough to be a slip of the finger.
 *
 * @example nearest("retrys", ["retries", "pool"]) // "retries"
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, edits: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best && best.edits <= Math.max(2, Math.floor(given.length / 3)) ? best.name : undefined;
}
