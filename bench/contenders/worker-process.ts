// A worker of a peer in a process of its own: the arguments name the peer and its settings. It reports the number of each
// job that it handled, and ends when its parent disconnects.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { withDbos } from "./dbos.ts";
import { graphileWorker } from "./graphile-worker.ts";
import { pgBoss } from "./pg-boss.ts";
import type { QueueSetting } from "./queue.ts";

const [peer = "", setting] = process.argv.slice(2) as [string?, QueueSetting?];
const url = process.env["BENCH_DATABASE_URL"] ?? "";
const queues = new Map(Object.entries({ "graphile-worker": graphileWorker, "pg-boss": pgBoss }));

const handled: number[] = [];
const handle = async (n: number): Promise<void> => void handled.push(n);
const timer = setInterval(() => {
  if (handled.length > 0) process.send?.(handled.splice(0));
}, 50);

const disconnected = new Promise<void>((resolve) => process.once("disconnect", resolve));
await new Promise<void>((resolve) => {
  process.once("message", () => resolve());
  process.send?.([]);
});
const queue = queues.get(peer);
if (queue) {
  const open = await queue.open(url, setting ?? "default", { job: handle });
  await disconnected;
  await open.close();
} else {
  const register = () => DBOS.registerWorkflow(handle, { name: "job" });
  await withDbos({ url, setting: setting ?? "default" }, register, () => disconnected);
}
clearInterval(timer);
process.exit(0);
