import { figure, medianTurn } from "../contest/aim.ts";
import type { Contest, Turn } from "../contest/contest.ts";
import { dailyDags, withDagFolder } from "../contenders/dag-folder.ts";
import { instantiationsPerTask } from "../type-budget.ts";
import { findDagFiles, loadDagFile } from "../../packages/dag-core/src/registry/load.ts";

/** Imports all files into this process, one after another, as a process that loads DAGs does. */
function playTidemill(_url: string, files: number): Promise<Turn> {
  return withDagFolder(dailyDags(files), async (folder) => {
    const loaded = new Set<string>();
    const started = performance.now();
    for (const file of await findDagFiles(folder)) {
      const one = await loadDagFile(file);
      if ("dag" in one) loaded.add(one.dag.manifest.dagId);
    }
    const seconds = (performance.now() - started) / 1_000;
    const figures = { "type instantiations per task": await instantiationsPerTask() };
    return { value: seconds, done: loaded.size, figures };
  });
}

/** What many files, and large ones, cost those who write them. */
export const authoring: Contest = {
  name: "authoring",
  what: "files of DAGs found and imported; beside it, what a task of a DAG of 400 costs the compiler",
  piece: "files",
  unit: "s",
  isLessBetter: true,
  aims: [
    { what: "1,000 files, s", of: medianTurn, most: 3 },
    {
      what: "type instantiations per task",
      of: figure("type instantiations per task"),
      most: 200,
    },
  ],
  minutes: 1,
  tidemill: { work: 1_000, play: playTidemill },
};
