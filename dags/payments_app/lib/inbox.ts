import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type ConnectionRef, type TaskContext, TidemillError } from "@tidemill/dag-core";
import { type FileFolder, folder, openFolder } from "@tidemill/tasks/files";
import { ftp } from "@tidemill/tasks/ftp";

const connectionId = "payments_ftp";

const overScheme = (uri: string) => (uri.startsWith("file:") ? folder : ftp)(connectionId);

/** The folder where partners and servers leave their files: on an FTP server, or one of this machine (`file:`). */
export const inbox: ConnectionRef<FileFolder> = {
  connectionId,
  system: "FTP server",
  open: (uri, signal) => overScheme(uri).open(uri, signal),
  test: (uri, signal) => overScheme(uri).test(uri, signal),
};

/** Where the generator leaves its files, and where they are read without an address of a server. */
export const sampleFolder = (): string =>
  resolve(process.env["PAYMENTS_APP_FILES"] ?? ".tidemill/payments_app/files");

/** The folder of the connection, else that of the samples. */
export async function openInbox(ctx: TaskContext): Promise<FileFolder> {
  try {
    // The engine closes it at the end of the attempt; a step that is done with it must not.
    return { ...(await ctx.open(inbox)), [Symbol.asyncDispose]: () => Promise.resolve() };
  } catch (error) {
    const isMissing =
      error instanceof TidemillError && error.code === "TIDEMILL_CONNECTION_MISSING";
    if (!isMissing) throw error;
  }
  await mkdir(sampleFolder(), { recursive: true });
  return openFolder(sampleFolder(), ctx.signal);
}
