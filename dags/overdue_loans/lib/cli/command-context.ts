import { randomUUID } from "node:crypto";
import type { ConnectionRef, TaskLog, Transactional } from "@tidemill/dag-core";
import type { LoadContext } from "../load-context.ts";

type Opened = AsyncDisposable;

const write = (level: string) => (message: string, fields?: object) => {
  const shown = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
  process.stderr.write(`${level === "info" ? "" : `${level}: `}${message}${shown}\n`);
};

/** Lines for people go beside the result, so that it stays clean. */
const stderrLog: TaskLog = {
  debug: () => undefined,
  info: write("info"),
  warn: write("warning"),
  error: write("error"),
};

/** The one secret that the command knows is that of its database. */
function withoutPassword(text: string, { password }: URL): string {
  if (password === "") return text;
  return text.replaceAll(password, "***").replaceAll(decodeURIComponent(password), "***");
}

/**
 * What the steps of the pipeline need, outside of any run: each transaction is done once because the command is.
 *
 * @param uri The database; every connection that is opened is this one.
 */
export function commandContext(
  verb: string,
  uri: () => string,
  signal: AbortSignal,
): LoadContext & AsyncDisposable {
  const now = new Date();
  const opened = new Map<string, Promise<Opened>>();
  const open = <H>(connection: ConnectionRef<H>): Promise<H> => {
    const known = opened.get(connection.connectionId) ?? connection.open(uri(), signal);
    opened.set(connection.connectionId, known as Promise<Opened>);
    return known as Promise<H & Opened>;
  };
  return {
    runId: `cli__${verb}__${randomUUID()}`,
    runType: "manual",
    taskId: verb,
    dataInterval: { start: now, end: now },
    signal,
    log: stderrLog,
    redact: (text) => withoutPassword(text, new URL(uri())),
    open,
    async transaction(connection, _name, fn) {
      const hook = (await open(connection)) as unknown as Transactional<never>;
      return hook.transaction(fn as (tx: never) => ReturnType<typeof fn>);
    },
    async [Symbol.asyncDispose]() {
      // One that could not be opened has been thrown already, and has nothing to close.
      for (const hook of await Promise.allSettled(opened.values())) {
        if (hook.status === "fulfilled") await hook.value[Symbol.asyncDispose]();
      }
    },
  };
}
