import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { dataDictionary, headerOf, lineage, sourcePassports, type SqlHeader } from "./documents.ts";
import { folder } from "./sql.ts";

const headerIn = async (path: string): Promise<SqlHeader> => headerOf(await readFile(path, "utf8"));

async function headersBelow(path: string): Promise<SqlHeader[]> {
  const files = await readdir(path, { recursive: true });
  const found = files.filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(found.map((name) => headerIn(join(path, name))));
}

/** The documents that are made from the code, by their names in `dags/payments_app/docs`. */
export async function generatedDocuments(): Promise<Readonly<Record<string, string>>> {
  const root = resolve("sql", folder);
  const schema: Record<string, SqlHeader[]> = {};
  for (const layer of ["stage", "dimention", "bi", "dq", "etl"]) {
    schema[layer] = await headersBelow(join(root, "schema", layer));
  }
  return {
    "source-passports.md": sourcePassports(),
    "data-dictionary.md": dataDictionary(schema),
    "lineage.md": lineage([
      ...(await headersBelow(join(root, "extract"))),
      ...(await headersBelow(join(root, "transform"))),
      await headerIn(resolve("sql/lib/transform/etl/run_log.sql")),
    ]),
  };
}
