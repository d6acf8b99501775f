import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const authoring = import.meta.resolve("@tidemill/dag-core");

/** A folder of DAG files that is removed at the end of its `await using` block. */
export interface DagFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<string>;
  remove(name: string): Promise<void>;
}

/**
 * Writes files by name. In them `DAG_CORE` stands for the address of the authoring interface, since a temporary folder
 * has no packages.
 */
export async function dagFolder(files: Readonly<Record<string, string>> = {}): Promise<DagFolder> {
  const root = await mkdtemp(path.join(tmpdir(), "tidemill-dags-"));
  const write = async (name: string, text: string) => {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text.replaceAll("DAG_CORE", JSON.stringify(authoring)));
    return file;
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const remove = (name: string) => rm(path.join(root, name));
  const dispose = () => rm(root, { recursive: true, force: true });
  return { path: root, write, remove, [Symbol.asyncDispose]: dispose };
}

/** The text of a DAG file with one task. */
export function dagFile(dagId: string, task = "run: () => 1"): string {
  return `import { dag } from DAG_CORE;
export default dag("${dagId}", { schedule: null, startDate: "2026-01-01" }, ({ task }) => {
  task("a", { ${task} });
});
`;
}
