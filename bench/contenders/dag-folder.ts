import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));

export interface DagSource {
  readonly dagId: string;
  readonly text: string;
}

/** A folder with a file for each DAG, gone afterwards; its files import the packages of this repository. */
export async function withDagFolder<T>(
  sources: readonly DagSource[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), "tidemill-bench-dags-"));
  try {
    const folder = join(root, "dags");
    await mkdir(folder);
    await symlink(packages, join(root, "node_modules"));
    await writeFile(join(root, "package.json"), '{ "type": "module" }');
    for (const { dagId, text } of sources) await writeFile(join(folder, `${dagId}.ts`), text);
    return await use(folder);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** DAGs of three tasks in a row, one file each, that run once a day. */
export function dailyDags(count: number): DagSource[] {
  return Array.from({ length: count }, (_, n) => {
    const dagId = `daily_${n}`;
    const text = `import { dag } from "@tidemill/dag-core";

export default dag("${dagId}", { schedule: "0 3 * * *", startDate: "2026-01-01", catchup: "none" }, ({ task }) => {
  const extracted = task("extract", { run: () => ({ rows: ${n} }) });
  const loaded = task("load", { inputs: { extracted }, run: ({ inputs }) => inputs.extracted.rows });
  task("report", { after: [loaded], run: () => {} });
});
`;
    return { dagId, text };
  });
}
