import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { freePort } from "../../packages/local/src/ports.ts";

const names = ["mariadbd", "mysqld"] as const;
const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/libexec"];

/** The server program of this machine, if it has one. */
export const mariadbBinary: string | undefined = names
  .flatMap((name) => folders.map((folder) => join(folder, name)))
  .find((path) => existsSync(path));
const installer = folders
  .flatMap((folder) => ["mariadb-install-db", "mysql_install_db"].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

export interface MariadbServer extends AsyncDisposable {
  readonly uri: string;
  query(sql: string): Promise<void>;
}

/** The server refuses to run as root; the account that its package made is there for it. */
async function accountFor(directory: string): Promise<readonly string[]> {
  if (userInfo().uid !== 0) return [];
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number(execFileSync("id", [flag, "mysql"], { encoding: "utf8" })),
  );
  await chown(directory, uid ?? 0, gid ?? 0);
  return ["--user=mysql"];
}

/** Until the server says that it listens; its own output is the reason when it ends instead. */
async function ready(child: ChildProcess): Promise<void> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes("ready for connections")) resolve();
  });
  child.once("exit", (code) =>
    reject(new Error(`the server ended with ${code}: ${said.slice(-2_000)}`)),
  );
  await promise;
}

/** A server of its own on a free port, in a folder of its own; stopped by the end of its `await using` block. */
export async function mariadbServer(): Promise<MariadbServer> {
  const directory = await mkdtemp(join(tmpdir(), "tidemill-mariadb-"));
  const account = await accountFor(directory);
  const data = `--datadir=${join(directory, "data")}`;
  execFileSync(
    installer ?? "mariadb-install-db",
    [
      "--no-defaults",
      data,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...account,
    ],
    { stdio: "ignore" },
  );
  const port = await freePort(0);
  const child = spawn(
    mariadbBinary ?? "mariadbd",
    [
      "--no-defaults",
      data,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(directory, "s")}`,
      `--pid-file=${join(directory, "pid")}`,
      "--innodb-flush-log-at-trx-commit=0",
      "--innodb-buffer-pool-size=16M",
      ...account,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  await ready(child);
  const admin = { host: "127.0.0.1", port, user: "root", multipleStatements: true };
  const query = async (sql: string): Promise<void> => {
    const connection = await createConnection(admin);
    await connection.query(sql).finally(() => connection.end());
  };
  await query(
    "create database crm; create user etl@'%' identified by 's3cret!'; grant all on crm.* to etl@'%'",
  );
  return {
    uri: `mysql://etl:s3cret!@127.0.0.1:${port}/crm`,
    query,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
