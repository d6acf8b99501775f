import { PassThrough } from "node:stream";
import { Client, FTPError } from "basic-ftp";
import { checkFileName } from "../files/folder.ts";
import type { FileFolder } from "../files/hook.ts";
import { isNetworkError, type System, unreachable } from "../unreachable.ts";

/** Of silence on the control or the data connection. */
const timeoutMs = 30_000;

function explain(system: System, error: unknown): unknown {
  if (error instanceof FTPError && (error.code === 530 || error.code === 430)) {
    return unreachable(system, error, "the account or its password is refused");
  }
  const isSilent = error instanceof Error && /timeout|closed|Server sent FIN/i.test(error.message);
  return isNetworkError(error) || isSilent ? unreachable(system, error) : error;
}

async function* download(client: Client, name: string): AsyncGenerator<Buffer> {
  const bytes = new PassThrough();
  const done = client.downloadTo(bytes, name).then(
    () => bytes.end(),
    (error: unknown) => bytes.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  let isRead = false;
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
    isRead = true;
  } finally {
    // Left early, the server still sends: only closing the connection stops it.
    if (!isRead) client.close();
    await done;
  }
}

/** Opens a connection of an attempt to the folder that the URI names. */
export async function openFtp(
  uri: string,
  remedy: string,
  signal: AbortSignal,
): Promise<FileFolder> {
  const url = new URL(uri);
  const port = Number(url.port || 21);
  const system = { system: "FTP server", address: `${url.hostname}:${port}`, remedy };
  const client = new Client(timeoutMs);
  const stop = (): void => client.close();
  const named = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw signal.aborted ? signal.reason : explain(system, error);
    });
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  const dispose = (): Promise<void> => {
    signal.removeEventListener("abort", stop);
    client.close();
    return Promise.resolve();
  };
  try {
    await named(
      client.access({
        host: url.hostname,
        port,
        user: decodeURIComponent(url.username) || "anonymous",
        password: decodeURIComponent(url.password),
        secure: url.protocol === "ftps:",
      }),
    );
    if (url.pathname.length > 1) await named(client.cd(decodeURIComponent(url.pathname)));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    async list() {
      const found = await named(client.list());
      const files = found.filter((entry) => entry.isFile).map(({ name, size }) => ({ name, size }));
      return files.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async *read(name) {
      checkFileName(name);
      try {
        yield* download(client, name);
      } catch (error) {
        throw signal.aborted ? signal.reason : explain(system, error);
      }
    },
    [Symbol.asyncDispose]: dispose,
  };
}
