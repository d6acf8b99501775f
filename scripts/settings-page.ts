import { format } from "prettier";
import { settings } from "../packages/dag-core/src/kernel/settings.ts";

const head = `# Settings

Every process reads its settings from the environment. A variable that begins with \`TIDEMILL_\` and is none of these is refused, with the name that was probably meant; \`tidemill doctor\` shows what is in effect. Values marked as secret are never printed, and may stand in a file that \`<NAME>_FILE\` names. Durations are a number and a unit: \`500ms\`, \`30s\`, \`5m\`, \`2h\`, \`7d\`.

The address of a connection \`dwh\` is \`TIDEMILL_CONN_DWH\`, or the content of the file that \`TIDEMILL_CONN_DWH_FILE\` names. Addresses that the environment does not name are those of the local stack, if it runs.

| Variable | Default | Meaning |
| --- | --- | --- |
`;

/** Text of `docs/settings.md`. */
export async function settingsPage(): Promise<string> {
  const rows = settings.map(({ name, default: given, meaning, isSecret }) => {
    const shown = given === undefined ? "" : `\`${given}\``;
    return `| \`${name}\` | ${shown} | ${meaning}${isSecret ? " (secret)" : ""} |`;
  });
  return format(`${head}${rows.join("\n")}\n`, { parser: "markdown", printWidth: 100 });
}
