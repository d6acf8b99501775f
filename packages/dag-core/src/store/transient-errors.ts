const transientCodes: ReadonlySet<string> = new Set([
  "40001",
  "40P01",
  "57P01",
  "57P02",
  "57P03",
  "25006",
  "25P03",
  "53300",
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
const transientMessages =
  /Connection terminated|Client has encountered a connection error|not queryable|timeout expired|connection timeout/;

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Whether a database error may go away by itself: a lost race, a lost connection, a server that restarts. */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  if (transientCodes.has(code) || code.startsWith("08")) return true;
  if (error instanceof AggregateError) return error.errors.some(isTransient);
  return error instanceof Error && transientMessages.test(error.message);
}

/** Whether a transient error left the transaction undone for certain, so that it may be run again at once. */
export function isRolledBack(error: unknown): boolean {
  return ["40001", "40P01"].includes(codeOf(error));
}
