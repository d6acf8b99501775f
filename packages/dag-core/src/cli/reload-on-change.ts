import type { Engine } from "../engine/engine.ts";
import { toError } from "../kernel/errors.ts";
import { fileStamps } from "../registry/load.ts";
import { note } from "./output.ts";

const lookMs = 250;

type FileStamps = Awaited<ReturnType<typeof fileStamps>>;

export interface ReloadOptions {
  readonly folder: string;
  readonly engine: Engine;
  /** Of the folder, taken before the engine began to load it: what was saved meanwhile is a change too. */
  readonly loaded: FileStamps;
}

/**
 * Has the engine load the newest code whenever a file is not what was loaded, and two looks in a row find it the same.
 * It looks at the files and does not wait to be told of changes: what the operating system tells begins after the load,
 * ends with the folder, has a limit of files, and does not come from every file system.
 *
 * @returns what ends the looking
 */
export function reloadOnChange({ folder, engine, loaded }: ReloadOptions): () => void {
  let atLoad = loaded;
  let before = loaded;
  let isStopped = false;
  const look = async () => {
    const now = await fileStamps(folder);
    if (hasSettledChange({ atLoad, before, now })) {
      atLoad = now;
      const told = await reload(engine);
      if (!isStopped) told.forEach(note);
    }
    before = now;
    if (!isStopped) timer = setTimeout(() => void look(), lookMs);
  };
  let timer = setTimeout(() => void look(), 0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Each file by itself: one that is written all the time, such as a log, holds up no other. */
function hasSettledChange({
  atLoad,
  before,
  now,
}: Record<"atLoad" | "before" | "now", FileStamps>) {
  const files = [...atLoad.keys(), ...now.keys()];
  return files.some((file) => {
    const stamp = now.get(file);
    return stamp !== atLoad.get(file) && stamp === before.get(file);
  });
}

/** @returns what there is to tell */
async function reload(engine: Engine): Promise<readonly string[]> {
  try {
    const { dags, failures } = await engine.reload();
    const loaded = `Loaded ${dags.length} DAGs anew, ${failures.length} files cannot be imported`;
    return [loaded, ...failures.map(({ file, message }) => `  ${file}: ${message}`)];
  } catch (error) {
    return [`Nothing was loaded anew: ${toError(error).message}`];
  }
}
