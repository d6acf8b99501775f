const messages = {
  TIDEMILL_LOCAL_STACK_BUSY: (subject: string, pid: number) =>
    `Local stack "${subject}" is run by process ${String(pid)}; stop that process, use its addresses, or choose another directory`,
  TIDEMILL_LOCAL_NOT_STARTED: (subject: string, reason: string, logFile: string, tail: string) =>
    `${subject} did not come up: ${reason}; read "${logFile}"` +
    (tail === "" ? "" : `, which ends with:\n${tail}`),
  TIDEMILL_LOCAL_JAR_CHANGED: (path: string, found: string, expected: string) =>
    `Jar "${path}" is ${found}, jars.lock says ${expected}; remove the file and start again, or correct TIDEMILL_MAVEN_REPOSITORY`,
  TIDEMILL_LOCAL_JAR_MISSING: (path: string, address: string, reason: string) =>
    `Jar "${path}" cannot be read from "${address}" (${reason}); set TIDEMILL_MAVEN_REPOSITORY to a reachable Maven repository, or install Maven with a mirror in its settings`,
  TIDEMILL_LOCAL_JAVA_MISSING: (reason: string) =>
    `Apache Kafka needs Java 17 or newer (${reason}); install it, set JAVA_HOME, or unset TIDEMILL_TEST_KAFKA and the option kafka: "apache"`,
  TIDEMILL_LOCAL_FOLDER_CLOSED: (directory: string) =>
    `Directory "${directory}" cannot be reached by the user "postgres", and PostgreSQL does not run as root; run "chmod o+x" on its parents, install setpriv (util-linux), or choose another directory`,
  TIDEMILL_LOCAL_SERVICE_UNKNOWN: (name: string, allowed: string) =>
    `Service "${name}" is not part of the local stack; use one of ${allowed}`,
  TIDEMILL_LOCAL_GIVEN_UP: (subject: string, logFile: string) =>
    `${subject} ended too often (5 restarts in 10 minutes) and stays down; read "${logFile}", then start the stack again`,
  TIDEMILL_LOCAL_PORT_TAKEN: (subject: string, port: number) =>
    `${subject} cannot be started again: its port ${String(port)} is taken; end what listens there`,
  TIDEMILL_LOCAL_OPTION_WRONG: (option: string, found: string, rule: string) =>
    `Option "${option}" is "${found}"; ${rule}`,
} as const;

/** Codes of the errors that the local stack throws. */
export type LocalStackErrorCode = keyof typeof messages;

type Arguments<C extends LocalStackErrorCode> = Parameters<(typeof messages)[C]>;

/** An error of the local stack: the rule that was broken, and the way out. */
export class LocalStackError extends Error {
  readonly code: LocalStackErrorCode;

  constructor(code: LocalStackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LocalStackError";
    this.code = code;
  }
}

export function localStackError<C extends LocalStackErrorCode>(
  code: C,
  args: Arguments<C>,
  cause?: unknown,
): LocalStackError {
  const build = messages[code] as (...parts: Arguments<C>) => string;
  return new LocalStackError(code, build(...args), cause === undefined ? undefined : { cause });
}

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
