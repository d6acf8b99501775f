// Writes the pages that are made from the code: docs/settings.md, docs/cli.md, and those of the pipeline payments_app.
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { generatedDocuments } from "../dags/payments_app/lib/generated-documents.ts";
import { commandsPage } from "./commands-page.ts";
import { settingsPage } from "./settings-page.ts";

const root = new URL("../", import.meta.url);
writeFileSync(new URL("docs/settings.md", root), await settingsPage());
writeFileSync(new URL("docs/cli.md", root), await commandsPage());
for (const [name, text] of Object.entries(await generatedDocuments())) {
  const page = await format(text, { parser: "markdown", printWidth: 100 });
  writeFileSync(new URL(`dags/payments_app/docs/${name}`, root), page);
}
