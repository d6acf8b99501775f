import { Worker } from "node:worker_threads";

const everyMs = 1_000;

/**
 * Ends this process `graceMs` after the one that made it is gone. A process whose event loop is blocked cannot do so
 * itself, and would compute for ever with nobody to hear the result; so a thread does it.
 */
export function watchForOrphanhood(graceMs: number): void {
  // Passed as text, since a thread that has to strip types from a file needs twice the memory.
  const source = `(${endWithParent.toString()})(${process.ppid}, ${graceMs}, ${everyMs})`;
  const thread = new Worker(source, { eval: true });
  thread.unref();
  thread.on("error", (error) => {
    process.stderr.write(`The watch over the parent process ended: ${String(error)}\n`);
  });
}

/** Runs in the thread, so it uses nothing but globals. */
function endWithParent(parentId: number, graceMs: number, everyMs: number): void {
  let orphanedForMs = 0;
  setInterval(() => {
    if (process.ppid === parentId) return;
    orphanedForMs += everyMs;
    if (orphanedForMs > graceMs) process.kill(process.pid, "SIGKILL");
  }, everyMs);
}
