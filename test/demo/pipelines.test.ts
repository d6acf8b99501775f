import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { dagsFolderOf, pipelines } from "../../demo/pipelines/index.ts";
import { findDagFiles } from "../../packages/dag-core/src/registry/find-files.ts";

const folder = fileURLToPath(new URL("../../dags", import.meta.url));

test.each(pipelines)(
  "a start of $name has the DAGs of its first pass, and none of another",
  async (pipeline) => {
    const own = dagsFolderOf([pipeline], folder);
    const files = (await findDagFiles(own)).map((file) => file.slice(own.length + 1));
    for (const { dagId } of pipeline.pass) expect(files).toContain(`${dagId}.ts`);
    const foreign = pipelines.filter((one) => one !== pipeline).flatMap(({ pass }) => pass);
    for (const { dagId } of foreign) expect(files).not.toContain(`${dagId}.ts`);
  },
);

test("a start of all pipelines has the DAGs of all", () => {
  expect(dagsFolderOf(pipelines, folder)).toBe(folder);
});
