import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { together } from "../../faults/fault-row.ts";
import { problemsOf } from "../../faults/figures.ts";
import { groups } from "../../faults/groups.ts";
import { Scene } from "../../faults/scene.ts";
import { ownServer } from "../../faults/server.ts";
import { tryRow } from "../../faults/trial.ts";
import { testStack } from "./stack.ts";

/** Longer than the process of a test may stand still because the machine is busy. */
const leaseMs = 2_000;
/** More than the deadlines of a trial, one after the other: those tell what was not so, this one nothing. */
const limitMs = 180_000;

/** Declares a test for each row of a group of the fault matrix: one injection, with a short lease. */
export function faultMatrix(name: string): void {
  const group = groups.find((one) => one.name === name);
  if (!group) throw new Error(`The fault matrix has no group "${name}"`);
  describe(`the fault matrix, ${name}: nothing is lost, doubled or stuck`, () => {
    let own: Awaited<ReturnType<typeof ownServer>> | undefined;
    let scene: Scene | undefined;
    beforeAll(async () => {
      const { engines, files = {}, harmsServer } = group;
      own = harmsServer ? await ownServer() : undefined;
      const server = own ?? { url: (await testStack(["postgres"])).databaseUrl };
      scene = await Scene.open({ name, server, engines, leaseMs, seed: 1, files });
    });
    afterAll(async () => {
      await scene?.[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    });

    const rows = group.isGentle ? [together("at the same time", group.rows)] : group.rows;
    test.each(rows.map((row) => [row.name, row] as const))(
      "%s",
      async (_name, row) => {
        if (!scene) throw new Error("The scene was not opened");
        expect(problemsOf(await tryRow(row, scene))).toEqual([]);
      },
      limitMs,
    );
  });
}
