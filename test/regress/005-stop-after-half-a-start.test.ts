import { describe, expect, test } from "@jest/globals";
import { createEngine } from "@tidemill/dag-core/engine";
import { dagFolder } from "../helpers/dag-folder.ts";
import { testDatabase } from "../helpers/database.ts";
import { dagText, engineConfig } from "../helpers/engine.ts";
import { sql } from "../helpers/factory.ts";

// A stop after a start that had failed threw in the middle and left the rest running.
describe("an engine", () => {
  test("whose start fails stops in order, as often as it is told to", async () => {
    await using db = await testDatabase();
    const config = engineConfig(db.url, "/nowhere/at/all");
    const engine = createEngine({ config, role: "scheduler" });
    await expect(engine.start()).rejects.toThrow("/nowhere/at/all");
    await Promise.all([engine.stop(), engine.stop()]);
    await engine.stop();
    expect(await sql(db.database, "select * from process")).toEqual([]);
  });

  test("that cannot reach its database stops in order", async () => {
    const url = "postgres://nobody@127.0.0.1:1/none";
    const engine = createEngine({ config: engineConfig(url, "/nowhere"), role: "scheduler" });
    await expect(engine.start()).rejects.toThrow("127.0.0.1:1");
    await expect(engine.stop()).resolves.toBeUndefined();
  });

  test("that is stopped while it starts leaves nothing running", async () => {
    await using db = await testDatabase();
    await using folder = await dagFolder({ "d.ts": dagText("d", `task("a", { run: () => 1 });`) });
    const engine = createEngine({ config: engineConfig(db.url, folder.path), role: "scheduler" });
    const started = engine.start().catch((error: unknown) => error);
    await engine.stop();
    expect(await started).toBeInstanceOf(Error);
    expect(await sql(db.database, "select * from process where state = 'alive'")).toEqual([]);
  });
});
