import { fileStamps } from "../registry/load.ts";
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

/** A stamp of each DAG file together with every other file of the folder, which it may import. */
async function stampsOf(
  folder: string,
  dagFiles: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const stamps = await fileStamps(folder);
  const own = new Set(dagFiles);
  const shared = [...stamps].filter(([file]) => !own.has(file)).join(";");
  return new Map(dagFiles.map((file) => [file, `${stamps.get(file)};${shared}`]));
}
