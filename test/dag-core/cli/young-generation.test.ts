import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const module = new URL("../../../packages/dag-core/src/cli/young-generation.ts", import.meta.url);

/** Grows the young generation of a process by objects of which many survive. @returns its size in MB */
function grown(begin: string): number {
  const script = `
    import { getHeapSpaceStatistics } from "node:v8";
    ${begin}
    const kept = [];
    for (let round = 0; round < 400; round++) {
      kept.push(Array.from({ length: 20_000 }, (_, n) => ({ round, n })));
      if (kept.length > 20) kept.shift();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const space = getHeapSpaceStatistics().find((one) => one.space_name === "new_space");
    process.stdout.write(String(space.space_size / 2 ** 20));`;
  const args = ["--conditions=source", "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(stderr).toBe("");
  return Number(stdout);
}

test("the young generation stays small however much survives", () => {
  const begin = `import { withSmallYoungGeneration } from ${JSON.stringify(module.href)};
    await withSmallYoungGeneration(async () => {});`;
  const [limited, free] = [grown(begin), grown("")];
  expect(limited).toBeGreaterThan(2);
  expect(limited).toBeLessThanOrEqual(16);
  expect(free).toBeGreaterThan(16);
});
