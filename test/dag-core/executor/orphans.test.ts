import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setInterval } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { fixtureFolder } from "../../helpers/runner-pool.ts";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("runners end with the process that made them, a blocked one too", async () => {
  const script = fixtureFolder("pool-parent.ts");
  const args = ["--conditions=source", script, fixtureFolder("dags-deadly")];
  const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(parent.stdout), "line")) as [string];
  const runners = line.split(" ").map(Number);
  expect(new Set(runners).size).toBe(2);
  expect(runners.filter(isAlive)).toHaveLength(2);

  parent.kill("SIGKILL");
  await once(parent, "exit");
  const deadline = performance.now() + 20_000;
  // The end of a process that is no child of this one is no event here, so it is asked for.
  for await (const _turn of setInterval(50)) {
    if (!runners.some(isAlive) || performance.now() > deadline) break;
  }
  expect(runners.filter(isAlive)).toEqual([]);
});
