// Writes the pages that are made from the code: docs/settings.md and docs/cli.md.
import { writeFileSync } from "node:fs";
import { commandsPage } from "./commands-page.ts";
import { settingsPage } from "./settings-page.ts";

const docs = new URL("../docs/", import.meta.url);
writeFileSync(new URL("settings.md", docs), await settingsPage());
writeFileSync(new URL("cli.md", docs), await commandsPage());
