import { enableCompileCache } from "node:module";

// Before anything else is imported: the files of the DAGs, without their types, are kept from one process to the next.
enableCompileCache();
const { watchForOrphanhood } = await import("./orphan-watch.ts");
const { orphanGraceMs, RunnerProcess } = await import("./runner-process.ts");

new RunnerProcess(process).start();
watchForOrphanhood(orphanGraceMs);
