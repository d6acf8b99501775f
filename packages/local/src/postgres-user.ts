import { execFile } from "node:child_process";
import { chmod, chown, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { localStackError } from "./errors.ts";

const run = promisify(execFile);
const USER = "postgres";

/**
 * Makes the folders reachable for the account that runs PostgreSQL. Returns the command to put in
 * front of the server's process: empty unless this process is root in a place closed to others.
 */
export async function openToPostgres(
  folder: string,
  dataDirectory: string,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o711 });
  if (process.getuid?.() !== 0) return [];
  await chmod(folder, 0o711);
  const { uid, gid } = await account();
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await chown(dataDirectory, uid, gid);
  const source = fileURLToPath(import.meta.url);
  const reachable = (await canReach(dataDirectory, uid, gid)) && (await canReach(source, uid, gid));
  return reachable ? [] : withFolderRights(uid, gid, dataDirectory);
}

async function account(): Promise<{ uid: number; gid: number }> {
  const known = await run("id", ["-u", USER]).catch(() => undefined);
  if (known === undefined) {
    await run("groupadd", ["--force", USER]);
    await run("useradd", ["--gid", USER, "--no-create-home", USER]);
  }
  const [uid, gid] = await Promise.all([run("id", ["-u", USER]), run("id", ["-g", USER])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function canReach(path: string, uid: number, gid: number): Promise<boolean> {
  return run("test", ["-r", path], { uid, gid, cwd: "/" }).then(
    () => true,
    () => false,
  );
}

/**
 * A folder under /root or a private temporary one is closed to the account. The server then keeps
 * root's right to pass through folders, and only that one.
 */
async function withFolderRights(
  uid: number,
  gid: number,
  dataDirectory: string,
): Promise<readonly string[]> {
  const rights = "+dac_override,+dac_read_search";
  const command = [
    "setpriv",
    `--reuid=${String(uid)}`,
    `--regid=${String(gid)}`,
    "--clear-groups",
    // Without it access(2), which PostgreSQL asks for its own program, ignores the right.
    "--securebits=+no_setuid_fixup",
    `--inh-caps=${rights}`,
    `--ambient-caps=${rights}`,
  ];
  const tried = await run("setpriv", [...command.slice(1), "test", "-r", dataDirectory]).catch(
    () => undefined,
  );
  if (tried === undefined) throw localStackError("TIDEMILL_LOCAL_FOLDER_CLOSED", [dataDirectory]);
  return command;
}
