import { watchForOrphanhood } from "./orphan-watch.ts";
import { orphanGraceMs, RunnerProcess } from "./runner-process.ts";

new RunnerProcess(process).start();
watchForOrphanhood(orphanGraceMs);
