import { stat } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { connectionUri, unreachable } from "../../context/connections.ts";
import type { ConnectionRef } from "../../definition/connection.ts";
import { formatMs } from "../../kernel/duration.ts";
import { tidemillError, toError } from "../../kernel/errors.ts";
import { fileInvalid } from "../../registry/load.ts";
import type { ConnectionTested, Tell, UserRequest } from "./messages.ts";

const names = ["connections.ts", "connections.mjs", "connections.js"];
const testLimitMs = 30_000;

/** The connections that `connections.ts` in the folder of DAGs exports; none without such a file. */
export async function connectionsOf(
  folder: string,
  tell: Tell,
): Promise<readonly ConnectionRef<unknown>[]> {
  for (const name of names) {
    const file = path.join(folder, name);
    if (!(await stat(file).catch(() => undefined))?.isFile()) continue;
    await tell({ type: "importing", file });
    const exported = await importOrThrow(file);
    await tell({ type: "loaded" });
    const refs = Object.values(exported).filter(isConnection);
    return refs.sort((a, b) => a.connectionId.localeCompare(b.connectionId));
  }
  return [];
}

async function importOrThrow(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path.resolve(file)).href)) as object;
  } catch (cause) {
    throw fileInvalid(file, `threw while it was loaded: ${toError(cause).message}`, "correct it");
  }
}

function isConnection(value: unknown): value is ConnectionRef<unknown> {
  if (typeof value !== "object" || value === null) return false;
  return "connectionId" in value && "system" in value && "test" in value && "open" in value;
}

/** @throws TidemillError when there is no such connection, it has no address, or it cannot be reached */
export async function testConnection(
  { folder, connectionId }: Extract<UserRequest, { type: "connection_test" }>,
  tell: Tell,
): Promise<ConnectionTested> {
  const refs = await connectionsOf(folder, tell);
  const ref = refs.find((one) => one.connectionId === connectionId);
  if (!ref) {
    const known = refs.map((one) => one.connectionId);
    throw tidemillError("TIDEMILL_CONNECTION_UNKNOWN", { connectionId, known });
  }
  const uri = await connectionUri(connectionId, process.env);
  const begun = performance.now();
  const version = await reach(ref, uri);
  const ms = Math.round(performance.now() - begun);
  return { connectionId, system: ref.system, version, ms };
}

/** A test that does not listen to its signal is left after the same time. */
async function reach(ref: ConnectionRef<unknown>, uri: string): Promise<string> {
  const signal = AbortSignal.timeout(testLimitMs);
  const late = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => late.reject(signal.reason));
  try {
    return await Promise.race([ref.test(uri, signal), late.promise]);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && String(cause.code).startsWith("TIDEMILL_")) {
      throw cause;
    }
    const problem = signal.aborted ? `no answer in ${formatMs(testLimitMs)}` : undefined;
    throw unreachable(ref, uri, cause, problem);
  }
}
