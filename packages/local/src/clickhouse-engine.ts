import { Session, type ChdbQueryStream } from "chdb";
import pLimit, { type LimitFunction } from "p-limit";

/** One statement as the HTTP interface carries it. */
export interface Statement {
  readonly sql: string;
  readonly format: string;
  readonly database: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  /** Values of `{name:Type}`, in the escaped form of TabSeparated, as they arrive. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What an engine answers: chunks while they are made, or everything when it was made at once. */
export interface EngineResult {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly readRows: number | undefined;
}

const CONCURRENT_STATEMENTS = 8;
const NOT_A_STREAM = /^Code: 36\. .*Streaming query is not supported/s;
// The engine starts with the settings of a command line tool; these are the server's.
const SERVER_SETTINGS = ["--mutations_sync=0"];

/**
 * The ClickHouse engine on a data directory. Each statement has a connection of its own, so that
 * settings, parameters and the current database never leak into the next.
 */
export class ClickHouseEngine {
  readonly #directory: string;
  readonly #keeper: Session;
  readonly #limit: LimitFunction = pLimit(CONCURRENT_STATEMENTS);
  version = "";

  constructor(directory: string) {
    this.#directory = directory;
    this.#keeper = this.#connect();
  }

  async open(): Promise<void> {
    const answer = await this.#keeper.queryAsync("select version()", { format: "TSVRaw" });
    this.version = answer.text().trim();
  }

  close(): void {
    this.#keeper.close();
  }

  /** Runs a statement and hands its result to `use`; its connection lives until `use` is done. */
  run(
    statement: Statement,
    use: (result: EngineResult) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#limit(async () => {
      signal.throwIfAborted();
      const session = this.#connect();
      try {
        await prepare(session, statement);
        await use(await begin(session, statement, signal));
      } finally {
        session.close();
      }
    });
  }

  #connect(): Session {
    return new Session(this.#directory, { connectionArgs: SERVER_SETTINGS });
  }
}

async function prepare(session: Session, statement: Statement): Promise<void> {
  const { database, settings, parameters } = statement;
  if (database !== undefined) await session.queryAsync(`use ${identifier(database)}`);
  const named = [...parameters].map(([name, value]) => [`param_${name}`, value] as const);
  const pairs = [...settings, ...named].map(([name, value]) => `${name} = ${literal(value)}`);
  if (pairs.length > 0) await session.queryAsync(`set ${pairs.join(", ")}`);
}

async function begin(
  session: Session,
  { sql, format }: Statement,
  signal: AbortSignal,
): Promise<EngineResult> {
  const stream = openStream(session, sql, format, signal);
  if (stream !== undefined) return { chunks: bytesOf(stream), readRows: undefined };
  const result = await session.queryAsync(sql, { format });
  return { chunks: once(result.bytes()), readRows: result.rowsRead };
}

/** Only statements that select can stream; the engine is asked, its grammar is not guessed. */
function openStream(
  session: Session,
  sql: string,
  format: string,
  signal: AbortSignal,
): ChdbQueryStream | undefined {
  try {
    return session.queryStream(sql, { format, signal });
  } catch (error) {
    if (error instanceof Error && NOT_A_STREAM.test(error.message)) return undefined;
    throw error;
  }
}

async function* bytesOf(stream: ChdbQueryStream): AsyncIterable<Uint8Array> {
  for await (const chunk of stream) yield chunk.raw();
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

export function literal(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
