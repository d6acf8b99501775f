import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { problemsOf } from "../../faults/figures.ts";
import { groups } from "../../faults/groups.ts";
import { Scene } from "../../faults/scene.ts";
import { type FaultServer, faultServer } from "../../faults/server.ts";
import { tryRow } from "../../faults/trial.ts";

/** Declares a test for each row of a group of the fault matrix: one injection, with a lease of a second. */
export function faultMatrix(name: string): void {
  const group = groups.find((one) => one.name === name);
  if (!group) throw new Error(`The fault matrix has no group "${name}"`);
  describe(`the fault matrix, ${name}: nothing is lost, doubled or stuck`, () => {
    let server: FaultServer;
    let scene: Scene;
    beforeAll(async () => {
      server = await faultServer();
      const { engines, files = {} } = group;
      scene = await Scene.open({ name, server, engines, leaseMs: 1_000, seed: 1, files });
    });
    afterAll(async () => {
      await scene[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    test.each(group.rows.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
      expect(problemsOf(await tryRow(row, scene, 1))).toEqual([]);
    });
  });
}
