import { setTimeout as sleep } from "node:timers/promises";
import type { FaultRow } from "../fault-row.ts";

const preload = new URL("../shifted-clock.ts", import.meta.url).href;
const hourMs = 3_600_000;

/** A scheduler and a worker, with their runners, go by other clocks than the database. */
function clock(name: string, ofScheduler: string, ofWorker: string): FaultRow {
  return {
    name,
    loses: "victims",
    mustLose: false,
    async inject(scene) {
      const right = [...scene.members];
      const wrong = await Promise.all([
        scene.start("scheduler", { env: clockEnv(ofScheduler) }),
        scene.start("worker", { env: clockEnv(ofWorker) }),
      ]);
      // Nobody whose clock is right does the work of the others.
      for (const member of right) await scene.end(member);
      await scene.client.trigger("work");
      await sleep(scene.leaseMs);
      return { victims: wrong };
    },
  };
}

const clockEnv = (setting: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=${preload}`,
  FAULT_CLOCK: setting,
});

export const clockRows: readonly FaultRow[] = [
  clock("clocks an hour ahead and an hour behind", String(hourMs), String(-hourMs)),
  clock("clocks an hour behind and an hour ahead", String(-hourMs), String(hourMs)),
  clock("clocks that jump by an hour", "jumps", "jumps"),
];
