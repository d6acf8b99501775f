/** Read-only (a standby), idle in a transaction, a lock that did not come in time; and what a network answers. */
const transientCodes: ReadonlySet<string> = new Set([
  "25006",
  "25P03",
  "55P03",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
/** Connection, lost race, insufficient resources, operator intervention, system error. */
const transientClasses: ReadonlySet<string> = new Set(["08", "40", "53", "57", "58"]);
const transientMessages =
  /Connection terminated|Client has encountered a connection error|not queryable|timeout expired|connection timeout|Query read timeout/;

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Whether a database error may go away by itself: a lost race, a lost connection, a server that restarts. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  if (transientCodes.has(code)) return true;
  if (code.length === 5 && transientClasses.has(code.slice(0, 2))) return true;
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  return error instanceof Error && transientMessages.test(error.message);
}

/** Whether a transient error left the transaction undone for certain, so that it may be run again at once. */
export function isRolledBack(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error));
}

/** Whether a statement did not get a lock: not in its time, or because another had the right of way. */
export function isLockMissed(error: unknown): boolean {
  return ["55P03", "40P01"].includes(codeOf(error));
}
