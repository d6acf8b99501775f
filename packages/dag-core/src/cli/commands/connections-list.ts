import type { Command } from "commander";
import type { Config } from "../../kernel/config.ts";
import { connectionVariable } from "../../kernel/connections.ts";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig } from "../session.ts";
import { table } from "../table.ts";
import type { ListedConnection } from "../user-code/messages.ts";

export function connectionsList(parent: Command): void {
  leaf(parent, "list", {
    does: "List the connections of the project, and where each address comes from.",
    example: "tidemill connections list",
  }).action(async (flags: OutputOptions) => {
    const { askUserCode } = await import("../user-code/ask.ts");
    const config = await readConfig();
    const request = { type: "connections", folder: config.dagsFolder } as const;
    const declared = await askUserCode<readonly ListedConnection[]>(config, request);
    const rows = [
      ...declared.map((one) => described(config, one)),
      ...undeclared(config, declared),
    ];
    await show(flags, rows, () =>
      table(
        ["connection", "system", "address from"],
        rows.map((row) => [row.connectionId, row.system, row.source]),
      ),
    );
  });
}

const localStack = "local stack";

interface ConnectionRow {
  readonly connectionId: string;
  readonly system: string | null;
  /** Never the address: it may hold a password. */
  readonly source: string;
}

function described(config: Config, { connectionId, system }: ListedConnection): ConnectionRow {
  return { connectionId, system, source: sourceOf(config, connectionId) };
}

function sourceOf({ connections }: Config, connectionId: string): string {
  const variable = connectionVariable(connectionId);
  if (process.env[variable]) return variable;
  if (process.env[`${variable}_FILE`]) return `${variable}_FILE`;
  return connections.has(connectionId) ? localStack : `missing, set ${variable}`;
}

/** Addresses that somebody set and no connection of the project asks for; what the local stack offers is no mistake. */
function undeclared(config: Config, declared: readonly ListedConnection[]): ConnectionRow[] {
  const asked = new Set(declared.map((one) => connectionVariable(one.connectionId)));
  return config.connections
    .ids()
    .filter((id) => !asked.has(connectionVariable(id)))
    .map((id) => ({ connectionId: id, system: null, source: sourceOf(config, id) }))
    .filter((row) => row.source !== localStack);
}
