import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { lockDirectory } from "../../packages/local/src/directory-lock.ts";
import { identify } from "../../packages/local/src/processes.ts";
import { stackDirectory } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const lockOf = (folder: string): Promise<string> => readFile(join(folder, "lock.json"), "utf8");

/** A directory whose lock names a process that never was. */
async function leftBehind(): Promise<string> {
  const folder = await mkdtemp(join(directory, "left-"));
  await writeFile(
    join(folder, "lock.json"),
    JSON.stringify({ pid: process.pid, started: "never" }),
  );
  return folder;
}

test("of many that find the lock of a process that is gone, one takes the directory over", async () => {
  for (let round = 0; round < 20; round += 1) {
    const folder = await leftBehind();
    const tries = Array.from({ length: 12 }, async (_, turns) => {
      // One after another by less than a take-over takes: each finds another step of it done.
      for (let n = 0; n < turns; n += 1) await setImmediate();
      return lockDirectory(folder);
    });
    const settled = await Promise.allSettled(tries);
    const taken = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(taken).toHaveLength(1);
    expect(settled.filter((one) => one.status === "rejected")).toEqual(
      Array.from({ length: 11 }, () => ({
        status: "rejected",
        reason: expect.objectContaining({ code: "TIDEMILL_LOCAL_STACK_BUSY" }) as unknown,
      })),
    );
    expect(JSON.parse(await lockOf(folder))).toEqual(identify(process.pid));
    await taken[0]?.release();
    await expect(lockOf(folder)).rejects.toThrow("ENOENT");
  }
});

test("a guard whose process is gone does not keep a directory for ever", async () => {
  const folder = await leftBehind();
  await writeFile(
    join(folder, "lock.json.guard"),
    JSON.stringify({ pid: process.pid, started: "never" }),
  );
  const lock = await lockDirectory(folder);
  expect(JSON.parse(await lockOf(folder))).toEqual(identify(process.pid));
  await lock.release();
});
