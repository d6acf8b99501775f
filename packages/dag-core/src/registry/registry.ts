import path from "node:path";
import type { Dag } from "../definition/dag.ts";
import type { TidemillError } from "../kernel/errors.ts";
import {
  fileInvalid,
  findDagFiles,
  type LoadDagFileOptions,
  loadDagFile,
  type LoadedDagFile,
} from "./load.ts";

export interface DagFileError {
  /** Absolute path. */
  readonly file: string;
  readonly error: TidemillError;
}

/** The DAGs of a folder, and what could not be loaded. One bad file takes nothing from the others. */
export interface Registry {
  /** By DAG id, in order of their files. */
  readonly dags: ReadonlyMap<string, Dag>;
  /** Absolute path of the file of each DAG, by DAG id. */
  readonly files: ReadonlyMap<string, string>;
  readonly errors: readonly DagFileError[];
}

/**
 * Loads all DAG files under a folder, one after the other, so that a slow one is the one that is reported.
 * Of two files with one DAG id the first by path counts.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the folder does not exist.
 * @example
 * const registry = await loadRegistry("dags");
 * for (const { error } of registry.errors) console.error(error.message);
 */
export async function loadRegistry(
  folder: string,
  options: LoadDagFileOptions = {},
): Promise<Registry> {
  return loadFiles(await findDagFiles(folder), (file) => loadDagFile(file, options));
}

/** The same for files that were found already, each loaded by `load`. */
export async function loadFiles(
  found: readonly string[],
  load: (file: string) => Promise<LoadedDagFile>,
): Promise<Registry> {
  const dags = new Map<string, Dag>();
  const files = new Map<string, string>();
  const errors: DagFileError[] = [];
  for (const file of found) {
    const loaded = await load(file);
    if ("error" in loaded) {
      errors.push({ file, error: loaded.error });
      continue;
    }
    const { dagId } = loaded.dag;
    const other = files.get(dagId);
    if (other !== undefined) {
      errors.push({ file, error: twice(file, dagId, path.relative(path.dirname(file), other)) });
      continue;
    }
    dags.set(dagId, loaded.dag);
    files.set(dagId, file);
  }
  return { dags, files, errors };
}

function twice(file: string, dagId: string, other: string): TidemillError {
  const problem = `declares DAG "${dagId}", which "${other}" declares too`;
  return fileInvalid(file, problem, "ids are unique in a project, rename one DAG and its file");
}
