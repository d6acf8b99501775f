import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ImportFailure } from "./executor.ts";

interface Hung {
  readonly stamp: string;
  readonly failure: ImportFailure;
}

/** Files whose import hung, kept from load to load: one that has not changed would only hang again. */
export class HungFiles {
  readonly #folder: string;
  readonly #hung = new Map<string, Hung>();
  #stamps: ReadonlyMap<string, string> = new Map();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Begins a load of files, named relative to the folder.
   *
   * @returns Those that hung before and are what they were then, with what was said of them.
   */
  async unchanged(files: readonly string[]): Promise<readonly ImportFailure[]> {
    this.#stamps = await stampsOf(this.#folder, files);
    for (const [file, { stamp }] of this.#hung) {
      if (this.#stamps.get(file) !== stamp) this.#hung.delete(file);
    }
    return [...this.#hung.values()].map(({ failure }) => failure);
  }

  add(failure: ImportFailure): void {
    const stamp = this.#stamps.get(failure.file);
    if (stamp !== undefined) this.#hung.set(failure.file, { stamp, failure });
  }
}

/** Modification time and size of each file, and of everything that lies in a `lib`, which it may import. */
async function stampsOf(
  folder: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const shared = await stampOfShared(folder, new Set(files));
  const stamps = files.map(async (file) => [file, (await stampOf(folder, file)) + shared] as const);
  return new Map(await Promise.all(stamps));
}

async function stampOfShared(folder: string, dagFiles: ReadonlySet<string>): Promise<string> {
  const found = await readdir(folder, { recursive: true }).catch(() => []);
  const shared = found.filter((file) => !dagFiles.has(file) && !file.includes("node_modules"));
  const stamps = await Promise.all(shared.sort().map((file) => stampOf(folder, file)));
  return stamps.join(";");
}

async function stampOf(folder: string, file: string): Promise<string> {
  const found = await stat(join(folder, file)).catch(() => undefined);
  // A folder changes with every draft that an editor puts beside a file.
  return found?.isFile() ? `${file}:${found.mtimeMs}:${found.size}` : "";
}
