import { describe, expect, test } from "@jest/globals";
import { dagFile, dagFolder } from "../../helpers/dag-folder.ts";
import { handOff } from "../../helpers/executor-probe.ts";
import { fixtureFolder, startPool } from "../../helpers/runner-pool.ts";

describe("a file that cannot be imported", () => {
  test("is named with its reason, and the others are loaded by every runner", async () => {
    const options = { runners: 2, concurrency: 1, importTimeoutMs: 2_000 };
    await using fixture = await startPool(fixtureFolder("dags-imports"), options);
    const { loaded, pool, probe } = fixture;
    expect(loaded.dags.map(({ file }) => file)).toEqual(["sound.ts"]);
    const reasons = Object.fromEntries(loaded.failures.map((f) => [f.file, f.message]));
    expect(reasons).toEqual({
      "throws.ts": expect.stringContaining("no configuration here"),
      "hangs_async.ts": expect.stringContaining("did not finish loading within 2.0s"),
      "hangs_sync.ts": expect.stringContaining("did not finish loading within 2.0s"),
      "exits.ts": expect.stringContaining("ended with exit code 7"),
    });
    const attempts = [handOff(["sound", "works"]), handOff(["sound", "works"])];
    pool.submit(attempts);
    for (const { id } of attempts) {
      expect(await probe.outcome(id)).toMatchObject({ kind: "success" });
    }
  });

  test("that hangs is waited for once a load, told of, and not again until it changes", async () => {
    await using dags = await dagFolder({
      "a_waits.ts": "await new Promise(() => setInterval(() => {}, 1000));",
      "b_loops.ts": "for (;;) {}",
      "sound.ts": dagFile("sound"),
    });
    const hung = ["a_waits.ts", "b_loops.ts"];
    const slow: string[] = [];
    // A busy machine may take long over the others too.
    const onSlowImport = (file: string) => void (hung.includes(file) && slow.push(file));
    const options = { runners: 2, importTimeoutMs: 2_500, onSlowImport };
    await using fixture = await startPool(dags.path, options);
    expect(fixture.loaded.failures.map(({ file }) => file).sort()).toEqual(hung);
    expect(slow).toEqual(hung);

    await dags.write("added.ts", dagFile("added"));
    const again = await fixture.pool.reload();
    expect(again.dags.map(({ file }) => file)).toEqual(["added.ts", "sound.ts"]);
    expect(again.failures).toEqual(fixture.loaded.failures);
    expect(slow).toEqual(hung);

    for (const name of ["a_waits", "b_loops"]) await dags.write(`${name}.ts`, dagFile(name));
    expect((await fixture.pool.reload()).failures).toEqual([]);
  });

  test("is tried again when what it may import has changed", async () => {
    await using dags = await dagFolder({
      "lib/wait.ts": "await new Promise(() => setInterval(() => {}, 1000));",
      "waits.ts": `import "./lib/wait.ts";\n${dagFile("waits")}`,
    });
    await using fixture = await startPool(dags.path, { importTimeoutMs: 2_000 });
    expect(fixture.loaded.failures).toHaveLength(1);
    await dags.write("lib/wait.ts", "export {};");
    expect((await fixture.pool.reload()).failures).toEqual([]);
  });

  test("two files with one DAG: the second is refused", async () => {
    await using dags = await dagFolder({
      "a/same.ts": dagFile("same"),
      "b/same.ts": dagFile("same"),
    });
    await using fixture = await startPool(dags.path);
    expect(fixture.loaded.dags.map(({ file }) => file)).toEqual(["a/same.ts"]);
    expect(fixture.loaded.failures).toMatchObject([
      { file: "b/same.ts", message: expect.stringContaining('declares DAG "same"') },
    ]);
  });
});

describe("reload", () => {
  test("new attempts run the newest code, running ones end on the old", async () => {
    const waits =
      "run: async ({ signal }) => { await new Promise((r) => signal.addEventListener('abort', r)); return 'old'; }";
    await using dags = await dagFolder({ "changing.ts": dagFile("changing", waits) });
    await using fixture = await startPool(dags.path);
    const { pool, probe } = fixture;
    const old = handOff(["changing", "a"]);
    pool.submit([old]);
    await probe.heard("started", old.id);

    await dags.write("changing.ts", dagFile("changing", "run: () => 'new'"));
    await dags.write("added.ts", dagFile("added"));
    const loaded = await pool.reload();
    expect(loaded.dags.map(({ file }) => file).sort()).toEqual(["added.ts", "changing.ts"]);
    expect(probe.loads).toEqual([loaded]);

    const young = handOff(["changing", "a"]);
    pool.submit([young]);
    expect(await probe.outcome(young.id)).toEqual({ kind: "success", output: '"new"' });
    expect(pool.list()).toEqual([old.id]);
    await pool.stop([old.id], 20_000);
    expect(await probe.outcome(old.id)).toEqual({ kind: "success", output: '"old"' });
  });

  test("a file that broke keeps the other DAGs going", async () => {
    await using dags = await dagFolder({ "one.ts": dagFile("one"), "two.ts": dagFile("two") });
    await using fixture = await startPool(dags.path);
    await dags.write("two.ts", "process.exit(1);");
    const { dags: loaded, failures } = await fixture.pool.reload();
    expect(loaded.map(({ file }) => file)).toEqual(["one.ts"]);
    expect(failures.map(({ file }) => file)).toEqual(["two.ts"]);
  });

  test("several at once come one after the other", async () => {
    await using dags = await dagFolder({ "one.ts": dagFile("one") });
    await using fixture = await startPool(dags.path);
    await Promise.all([fixture.pool.reload(), fixture.pool.reload(), fixture.pool.reload()]);
    const attempt = handOff(["one", "a"]);
    fixture.pool.submit([attempt]);
    expect(await fixture.probe.outcome(attempt.id)).toMatchObject({ kind: "success" });
  });
});

test("a folder that does not exist", async () => {
  await expect(startPool("/nowhere/dags")).rejects.toThrow("does not exist");
});
