import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));
const within = (name: string) => path.join(root, name);
const [few, many] = [10, 400];

/** A DAG in which each task reads the two before it, so that types flow through all of them. */
function generatedDag(tasks: number): string {
  const lines = Array.from({ length: tasks }, (_, i) => {
    const [a, b] = [i - 1, i - 2];
    const inputs = b < 0 ? "" : `inputs: { a: t${a}, b: t${b} }, `;
    const rows = b < 0 ? "1" : `inputs.a.rows${a} + inputs.b.rows${b}`;
    const run = `async ({ ${b < 0 ? "" : "inputs, "}params }) => ({ rows${i}: ${rows}, region: params.region })`;
    return `  const t${i} = task("t${i}", { ${inputs}retries: 2, retryDelay: "5m", run: ${run} });`;
  });
  return `import { dag } from "@tidemill/dag-core";
import { z } from "zod";
const params = z.object({ region: z.string().default("eu") });
export default dag("generated", { schedule: null, startDate: "2026-01-01", params }, ({ task }) => {
${lines.join("\n")}
});
`;
}

/** How many types the compiler instantiates to check such a DAG. Throws where it is not sound. */
async function instantiations(folder: string, tasks: number): Promise<number> {
  await writeFile(path.join(folder, "generated.mts"), generatedDag(tasks));
  const options = ["-p", folder, "--extendedDiagnostics"];
  const tsc = within("node_modules/typescript/bin/tsc");
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...options]);
  return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1]);
}

/** Type instantiations that each further task of a DAG costs the compiler. */
export async function instantiationsPerTask(): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), "tidemill-types-"));
  try {
    const paths = {
      "@tidemill/dag-core": [within("packages/dag-core/src/index.ts")],
      zod: [within("node_modules/zod/index.d.ts")],
    };
    const compilerOptions = { paths, typeRoots: [within("node_modules/@types")] };
    const config = {
      extends: within("tsconfig.check.json"),
      compilerOptions,
      include: ["generated.mts"],
    };
    await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify(config));
    const counts = [await instantiations(folder, few), await instantiations(folder, many)] as const;
    return (counts[1] - counts[0]) / (many - few);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
