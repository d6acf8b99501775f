import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { tidemillError } from "../kernel/errors.ts";

const foldersWithoutDags = new Set(["lib", "node_modules"]);
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
  const isLookedAt = (name: string) => !/^[_.]/.test(name) && !foldersWithoutDags.has(name);
  const files = await filesUnder(root, isLookedAt);
  return files.filter((file) => isDagFileName(path.basename(file)));
}

/**
 * When each file that the DAGs of a folder may stand on was changed, and its size: all files but those in `node_modules`
 * and what starts with `.`, such as the drafts of editors. A folder that cannot be read has none.
 *
 * @returns By path relative to the folder, sorted.
 */
export async function fileStamps(folder: string): Promise<ReadonlyMap<string, string>> {
  const root = path.resolve(folder);
  const isLookedAt = (name: string) => !name.startsWith(".") && name !== "node_modules";
  const files = await filesUnder(root, isLookedAt).catch(() => []);
  const stamps = files.map(
    async (file) => [path.relative(root, file), await stampOf(file)] as const,
  );
  return new Map(await Promise.all(stamps));
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  // The change time, unlike the modification time, is also that of a file moved here or made readable.
  return found ? `${found.ctimeMs}:${found.size}` : "gone";
}

async function filesUnder(root: string, isLookedAt: (name: string) => boolean): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const collect = async (folder: string): Promise<void> => {
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (!isLookedAt(entry.name)) continue;
      const at = path.join(folder, entry.name);
      // A link whose target is gone is neither a file nor a folder.
      const kind = entry.isSymbolicLink() ? await stat(at).catch(() => entry) : entry;
      if (kind.isDirectory()) await collect(at);
      if (kind.isFile()) found.push(at);
    }
  };
  await collect(root);
  return found.sort();
}
