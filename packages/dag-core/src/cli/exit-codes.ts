import type { TidemillErrorCode } from "../kernel/errors.ts";

/** What a command's exit code says. */
export const exitCodes = {
  /** The work was done; of a run that was waited for: it succeeded. */
  done: 0,
  /** The work failed: a run, a check, a system that tasks reach. */
  failed: 1,
  /** The command was wrong: an unknown command, option, DAG, date; params or settings that do not fit. Nothing was changed. */
  misuse: 2,
  /** The database cannot be reached. */
  unreachable: 3,
} as const;

const ofWork: ReadonlySet<string> = new Set<TidemillErrorCode>([
  "TIDEMILL_CHECK_FAILED",
  "TIDEMILL_CONNECTION_UNREACHABLE",
  "TIDEMILL_RUNNER_START",
  "TIDEMILL_WAIT_TIMEOUT",
]);

/** Of the local stack's errors those that a command line made. */
const ofLine: ReadonlySet<string> = new Set([
  "TIDEMILL_LOCAL_SERVICE_UNKNOWN",
  "TIDEMILL_LOCAL_OPTION_WRONG",
]);

/** The exit code of an error of ours, by its code. */
export function exitCodeOf(code: string): number {
  if (code === "TIDEMILL_DATABASE_UNREACHABLE") return exitCodes.unreachable;
  if (ofLine.has(code)) return exitCodes.misuse;
  if (ofWork.has(code) || code.startsWith("TIDEMILL_LOCAL_")) return exitCodes.failed;
  return exitCodes.misuse;
}
