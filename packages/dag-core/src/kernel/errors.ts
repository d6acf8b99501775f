import { nearest } from "./nearest.ts";

type Details = Readonly<Record<string, unknown>>;
type MessageBuilder = (details: Details) => string;

const quoted = (names: unknown): string => (names as readonly string[]).join(", ");
/** `, did you mean "x"?` when a known name is close to the one given. */
const suggestion = (given: unknown, known: unknown): string => {
  const near = nearest(String(given), (known as readonly string[] | undefined) ?? []);
  return near === undefined ? "" : `, did you mean "${near}"?`;
};

/** What is read from files at once needs no restart. */
const newFileHint = (details: Details): string =>
  details["isOfFiles"] === true
    ? ""
    : ", and that of a new file is known once a scheduler was started with it";

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 40)}…` : text);

function idProblem(id: string): string {
  if (id === "") return "is empty";
  if (id.length > 200) return `has ${id.length} characters, more than ids may have`;
  return id.includes("..") ? 'holds ".."' : "has a character that ids may not have";
}

/**
 * Every error the engine raises on purpose: its code and its sentence.
 * A sentence names the subject, the rule that was broken and, after a semicolon, the way out.
 */
const messages = {
  TIDEMILL_DURATION_INVALID: (d) =>
    `"${d.duration}" is not a duration; write a number and a unit (ms, s, m, h, d), for example "5m"`,
  TIDEMILL_ID_INVALID: (d) =>
    `${d.kind} id "${shortened(String(d["id"]))}" ${idProblem(String(d["id"]))}; use 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."`,
  TIDEMILL_OPTION_UNKNOWN: (d) =>
    `"${d.option}" is not an option of ${d.subject}; the options are ${quoted(d.known)}${suggestion(d.option, d.known)}`,
  TIDEMILL_OPTION_INVALID: (d) => `Option "${d.option}" of ${d.subject} ${d.problem}; ${d.remedy}`,
  TIDEMILL_TASK_DUPLICATE: (d) =>
    `Task "${d.taskId}" of DAG "${d.dagId}" is declared twice; ids are unique within a DAG, rename one`,
  TIDEMILL_EDGE_FOREIGN: (d) =>
    `Task "${d.taskId}" of DAG "${d.dagId}" follows "${d.upstream}", which this DAG did not declare; an edge joins two tasks of one DAG`,
  TIDEMILL_DAG_EMPTY: (d) => `DAG "${d.dagId}" declares no task; add one, or remove the file`,
  TIDEMILL_DAG_ASYNC: (d) =>
    `${d.subject} is declared by an async function; declare the tasks without await, and await inside their run`,
  TIDEMILL_DAG_CLOSED: (d) =>
    `${d.subject} is declared after the DAG was finished; declare it inside the function given to dag`,
  TIDEMILL_DAG_NOT_FOUND: (d) =>
    typeof d["importError"] === "string"
      ? `DAG "${d.dagId}" is not known here, since its file cannot be imported; correct that. ${d["importError"]}`
      : `DAG "${d.dagId}" is not known here; "tidemill dags list" names the DAGs${suggestion(d.dagId, d.known) || newFileHint(d)}`,
  TIDEMILL_DAG_PAUSED: (d) =>
    `DAG "${d.dagId}" is paused, its runs stay queued; run "tidemill dags unpause ${d.dagId}"`,
  TIDEMILL_DAG_FILE_INVALID: (d) => `DAG file "${d.file}" ${d.problem}; ${d.remedy}`,
  TIDEMILL_DAG_FILE_THREW: (d) =>
    `DAG file "${d.file}" threw while it was loaded: ${d.thrown}${d.frames}`,
  TIDEMILL_TASK_NOT_FOUND: (d) =>
    `Task "${d.taskId}" is not a task of DAG "${d.dagId}"; "tidemill tasks list ${d.dagId}" names them${suggestion(d.taskId, d.known)}`,
  TIDEMILL_RUN_NOT_FOUND: (d) =>
    `Run "${d.runId}" of DAG "${d.dagId}" does not exist; "tidemill runs list ${d.dagId}" names them${suggestion(d.runId, d.known)}`,
  TIDEMILL_RUN_EXISTS: (d) =>
    `Run "${d.runId}" of DAG "${d.dagId}" exists already; choose another run id, or clear that run`,
  TIDEMILL_INTERVAL_COVERED: (d) =>
    `Interval ${d.interval} of DAG "${d.dagId}" is covered by run "${d.runId}"; clear that run to do it again`,
  TIDEMILL_INTERVAL_NONE: (d) =>
    `DAG "${d.dagId}" has no interval that starts at or covers ${d.date}; its schedule is ${d.schedule}`,
  TIDEMILL_PARAMS_INVALID: (d) =>
    `Params of DAG "${d.dagId}" do not fit its schema: ${d.problem}; "tidemill dags show ${d.dagId}" prints the schema`,
  TIDEMILL_DATE_INVALID: (d) =>
    `"${d.text}" is not a date; write 2026-01-31, 2026-01-31T06:00 or 2026-01-31T06:00Z`,
  TIDEMILL_SCHEDULE_INVALID: (d) => `Schedule "${d.schedule}" ${d.problem}; ${d.remedy}`,
  TIDEMILL_TIMEZONE_UNKNOWN: (d) =>
    `"${d.timezone}" is not a time zone; use an IANA name, for example "Europe/Berlin"${suggestion(d.timezone, d.known)}`,
  TIDEMILL_CONNECTION_UNKNOWN: (d) =>
    `Connection "${d.connectionId}" is not exported by connections.ts in the folder of DAGs; "tidemill connections list" names those that are${suggestion(d.connectionId, d.known)}`,
  TIDEMILL_CONNECTION_MISSING: (d) =>
    `Connection "${d.connectionId}" has no address; set ${d.variable} to a URI, or ${d.variable}_FILE to a file that holds one${suggestion(d.connectionId, d.known)}`,
  TIDEMILL_CONNECTION_UNREACHABLE: (d) =>
    `${d.system} at ${d.address} cannot be reached (${d.problem}); ${d.remedy}`,
  TIDEMILL_WEBHOOK_ADDRESS: (d) =>
    `Webhook host "${d.host}" stands for ${d.address}, which is no address of the internet; correct TIDEMILL_WEBHOOK_URL or the route, or set TIDEMILL_WEBHOOK_PRIVATE=true`,
  TIDEMILL_DATABASE_MISSING: () =>
    `No database is named and no local stack runs here; install @tidemill/local and run "tidemill dev", or set TIDEMILL_DATABASE_URL to a Postgres URI`,
  TIDEMILL_DATABASE_UNREACHABLE: (d) =>
    typeof d["remedy"] !== "string"
      ? `The database at ${d.address} cannot be reached (${d.problem}); start it, or set TIDEMILL_DATABASE_URL to one that runs`
      : `The database at ${d.address} refuses the connection (${d.problem}); ${d["remedy"]} in TIDEMILL_DATABASE_URL`,
  TIDEMILL_SCHEMA_TOO_NEW: (d) =>
    `The database is at schema ${d.found}, newer than ${d.known}, the newest that this version knows; upgrade Tidemill before you start it here`,
  TIDEMILL_SCHEMA_TOO_OLD: (d) =>
    `The database is at schema ${d.found}, this version needs ${d.known}; run "tidemill db migrate"`,
  TIDEMILL_MIGRATION_BLOCKED: (d) =>
    `Migration "${d.name}" did not get the locks of its tables for minutes; end what holds them (a dump, a long report), then run "tidemill db migrate"`,
  TIDEMILL_SETTING_UNKNOWN: (d) =>
    `Variable "${d.name}" is no setting of Tidemill${suggestion(d.name, d.known)}; "tidemill doctor" lists the settings`,
  TIDEMILL_CONFIG_INVALID: (d) => `Setting ${d.name} is "${d.value}", ${d.problem}; ${d.remedy}`,
  TIDEMILL_POOL_NOT_FOUND: (d) =>
    `Task "${d.taskId}" of DAG "${d.dagId}" names pool "${d.pool}", which does not exist; create it with "tidemill pools set ${d.pool} SLOTS"${suggestion(d.pool, d.known)}`,
  TIDEMILL_POOL_TOO_SMALL: (d) =>
    `Task "${d.taskId}" of DAG "${d.dagId}" wants ${d.poolSlots} slots of pool "${d.pool}", which has ${d.slots}; raise the pool or ask for fewer`,
  TIDEMILL_PATH_CLOSED: (d) =>
    `"${d.path}" is closed to this process (${d.syscall}: ${d.code}); give its user the right to read and write there, or choose another folder`,
  TIDEMILL_TARGET_NOT_FOUND: (d) =>
    `Task "${d.taskId}" of DAG "${d.dagId}" names DAG "${d.target}", which no file declares; correct the name, or add that DAG${suggestion(d.target, d.known)}`,
  TIDEMILL_BACKFILL_OVERLAP: (d) =>
    `Backfill ${d.from} to ${d.to} of DAG "${d.dagId}" overlaps backfill ${d.backfillId}; wait for it or cancel it. Runs in both: ${quoted(d.runs)}`,
  TIDEMILL_BACKFILL_EMPTY: (d) =>
    `Backfill ${d.from} to ${d.to} of DAG "${d.dagId}" has no run to create; "tidemill backfill plan" shows why`,
  TIDEMILL_BACKFILL_NOT_FOUND: (d) =>
    `Backfill ${d.backfillId} does not exist; "tidemill backfill list" names them`,
  TIDEMILL_BACKFILL_REFUSED: (d) =>
    `DAG "${d.dagId}" cannot be backfilled: ${d.problem}; ${d.remedy}`,
  TIDEMILL_WAIT_TIMEOUT: (d) =>
    `Run "${d.runId}" of DAG "${d.dagId}" is ${d.state} after ${d.after}; it goes on, "tidemill runs watch ${d.dagId} ${d.runId}" waits for it`,
  TIDEMILL_STATE_REFUSED: (d) => `${d.subject} is ${d.state}; ${d.remedy}`,
  TIDEMILL_OUTPUT_INVALID: (d) =>
    `The output of task "${d.taskId}" cannot be stored: ${d.problem} at ${d.path}; return JSON values only`,
  TIDEMILL_OUTPUT_TOO_LARGE: (d) =>
    `The output of task "${d.taskId}" is ${d.bytes} bytes, more than the ${d.limit} allowed (largest part: ${d.path}); store it elsewhere and return a reference`,
  TIDEMILL_OUTPUT_SECRET: (d) =>
    `The ${d.part} of task "${d.taskId}" holds ${d.secret} at ${d.path}, and secrets are not stored; return what names it${
      d["isPublishable"] === true
        ? ", or list the variable in TIDEMILL_PUBLIC_VARIABLES if it is none"
        : ""
    }`,
  TIDEMILL_TRANSACTION_STALE: (d) =>
    `Transaction "${d.name}" of task "${d.taskId}" was written by a later clear of the task; this attempt may not write any more`,
  TIDEMILL_TRANSACTION_MARKER: (d) =>
    `Connection "${d.connectionId}" has no table tidemill_effects.transaction_marker, and it could not be made (${d.problem}); grant "create" on the database, or run sql/effects/create_transaction_marker.sql of @tidemill/dag-core as its owner`,
  TIDEMILL_ATTEMPT_STOPPED: (d) =>
    `Attempt "${d.id}" was told to stop; whether it is run again is decided by what stopped it`,
  TIDEMILL_RUNNER_START: (d) =>
    `No runner process could be started: ${d.problem}; correct that and start again`,
  TIDEMILL_BRANCH_CASE_UNKNOWN: (d) =>
    `Branch "${d.taskId}" of DAG "${d.dagId}" chose "${d.choice}", which is not one of its cases; the cases are ${quoted(d.known)}${suggestion(d.choice, d.known)}`,
  TIDEMILL_ATTEMPT_TIMEOUT: (d) =>
    `Task "${d.taskId}" ran longer than its timeout of ${d.timeout}; raise the timeout or split the task`,
  TIDEMILL_CHECK_FAILED: (d) => `Check "${d.check}" ${d.problem}; ${d.remedy}`,
  TIDEMILL_INPUT_INVALID: (d) => `${d.subject} ${d.problem}; ${d.remedy}`,
} satisfies Readonly<Record<string, MessageBuilder>>;

/** What a {@link TidemillError} is about, for code that tells errors apart. */
export type TidemillErrorCode = keyof typeof messages;

/** An error with a code that callers may branch on and the facts its sentence was built from. */
export class TidemillError extends Error {
  override readonly name = "TidemillError";
  readonly code: TidemillErrorCode;
  readonly details: Details;

  constructor(code: TidemillErrorCode, details: Details, options?: ErrorOptions) {
    super((messages[code] as MessageBuilder)(details), options);
    this.code = code;
    this.details = details;
  }
}

/**
 * Builds the error of a code.
 *
 * @example throw tidemillError("TIDEMILL_DAG_NOT_FOUND", { dagId: "ordrs", known: ["orders"] })
 */
export function tidemillError(
  code: TidemillErrorCode,
  details: Details = {},
  options?: ErrorOptions,
): TidemillError {
  return new TidemillError(code, details, options);
}

/** Whatever was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
