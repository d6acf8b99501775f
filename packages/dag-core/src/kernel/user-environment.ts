import type { Config } from "./config.ts";
import { connectionVariable } from "./connections.ts";
import { settingTable } from "./settings.ts";

/** Never given to user code: its connections are its own. */
const { name: databaseVariable } = settingTable.databaseUrl;
const withheld = [databaseVariable, `${databaseVariable}_FILE`];

/** What the settings tell the project's code: the addresses of connections, and where its SQL files are. */
export function userVariables({
  connections,
  sqlFolder,
}: Pick<Config, "connections" | "sqlFolder">): Readonly<Record<string, string>> {
  const addresses = connections
    .ids()
    .map((id) => [connectionVariable(id), connections.get(id)?.reveal() ?? ""] as const);
  return { ...Object.fromEntries(addresses), [settingTable.sqlFolder.name]: sqlFolder };
}

/** The environment of a process that runs the project's code: that of this one and more variables. */
export function userEnvironment(
  more: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...more };
  for (const name of withheld) delete env[name];
  return env;
}
