import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { tidemillError } from "../kernel/errors.ts";

const skippedFolders = new Set(["lib", "node_modules"]);
const isDagFileName = (name: string) =>
  /\.(ts|js|mjs)$/.test(name) &&
  !name.endsWith(".d.ts") &&
  !/^connections\.(ts|js|mjs)$/.test(name);

/**
 * The DAG files under a folder, sorted: every `.ts`, `.js` and `.mjs` but `connections.ts`, what lies in a folder `lib`
 * or `node_modules`, and what starts with `_` or `.`. Links are followed, each folder once.
 *
 * @returns Absolute paths.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the folder does not exist.
 */
export async function findDagFiles(folder: string): Promise<string[]> {
  const root = path.resolve(folder);
  if (!(await stat(root).catch(() => undefined))?.isDirectory()) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `DAG folder "${folder}"`,
      problem: "does not exist",
      remedy: "create it, or name the folder that holds your DAG files",
    });
  }
  const found: string[] = [];
  await collect(root, found, new Set());
  return found.sort();
}

async function collect(folder: string, found: string[], seen: Set<string>): Promise<void> {
  const real = await realpath(folder);
  if (seen.has(real)) return;
  seen.add(real);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (/^[_.]/.test(entry.name)) continue;
    const at = path.join(folder, entry.name);
    // A link whose target is gone is neither a file nor a folder.
    const kind = entry.isSymbolicLink() ? await stat(at).catch(() => entry) : entry;
    if (kind.isDirectory() && !skippedFolders.has(entry.name)) await collect(at, found, seen);
    if (kind.isFile() && isDagFileName(entry.name)) found.push(at);
  }
}
