import { watch } from "node:fs";
import type { Engine } from "../engine/engine.ts";
import { toError } from "../kernel/errors.ts";
import { note } from "./output.ts";

const settleMs = 200;

/**
 * Has the engine load the newest code whenever a file in a folder was saved.
 *
 * @returns what ends the watching
 */
export function reloadOnChange(folder: string, engine: Engine): () => void {
  let timer: NodeJS.Timeout | undefined;
  const reload = async () => {
    try {
      const { dags, failures } = await engine.reload();
      note(`Loaded ${dags.length} DAGs anew, ${failures.length} files cannot be imported`);
      for (const { file, message } of failures) note(`  ${file}: ${message}`);
    } catch (error) {
      note(`Nothing was loaded anew: ${toError(error).message}`);
    }
  };
  const watcher = watch(folder, { recursive: true }, () => {
    // An editor saves in several steps.
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), settleMs);
  });
  watcher.on("error", (error) => note(`Changes are not seen any more: ${error.message}`));
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
