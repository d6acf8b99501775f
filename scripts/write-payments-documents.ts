import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generatedDocuments } from "../dags/payments_app/lib/write-documents.ts";

for (const [name, text] of Object.entries(await generatedDocuments())) {
  await writeFile(join("dags/payments_app/docs", name), text);
}
