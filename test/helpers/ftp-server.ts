import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FtpSrv } from "ftp-srv";
import { freePort } from "../../packages/local/src/ports.ts";

export interface FtpServer extends AsyncDisposable {
  readonly uri: string;
  /** Where its files are. */
  readonly folder: string;
}

/** A log that says nothing, in the form that the server asks for. */
const silent = (): object => {
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  return { ...log, child: silent };
};

/** A real FTP server over a folder of its own; one account, `etl` with the password `s3cret!`. */
export async function ftpServer(): Promise<FtpServer> {
  const folder = await mkdtemp(join(tmpdir(), "tidemill-ftp-"));
  const port = await freePort(0);
  const server = new FtpSrv({
    url: `ftp://127.0.0.1:${port}`,
    pasv_url: "127.0.0.1",
    log: silent() as never,
  });
  server.on("login", ({ username, password }, resolve, reject) => {
    if (username === "etl" && password === "s3cret!") resolve({ root: folder });
    else reject(new Error("no such account"));
  });
  await server.listen();
  return {
    uri: `ftp://etl:s3cret!@127.0.0.1:${port}/reports`,
    folder,
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
