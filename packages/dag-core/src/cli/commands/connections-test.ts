import type { Command } from "commander";
import { leaf } from "../command.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig } from "../session.ts";
import type { ConnectionTested } from "../user-code/messages.ts";

export function connectionsTest(parent: Command): void {
  leaf(parent, "test <connection>", {
    does: "Reach the system behind a connection once; exit code 1 if it cannot be reached.",
    example: "tidemill connections test dwh",
  }).action(async (connectionId: string, flags: OutputOptions) => {
    const { askUserCode } = await import("../user-code/ask.ts");
    const config = await readConfig();
    const folder = config.dagsFolder;
    const request = { type: "connection_test", folder, connectionId } as const;
    const tested = await askUserCode<ConnectionTested>(config, request);
    await show(flags, tested, () => {
      return `${connectionId} reaches ${answerOf(tested)} in ${tested.ms} ms`;
    });
  });
}

/** Many systems begin with their own name when they say what they are. */
function answerOf({ system, version }: ConnectionTested): string {
  return version.startsWith(system) ? version : `${system} ${version}`;
}
