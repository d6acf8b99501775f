import type { Command } from "commander";
import { leaf } from "../command.ts";
import { note, type OutputOptions, show } from "../output.ts";
import { noteIfNoScheduler, withSession } from "../session.ts";

export function alertsTest(parent: Command): void {
  leaf(parent, "test", {
    does: "Raise an alert that says nothing but that alerts arrive.",
    example: "tidemill alerts test",
  }).action((flags: OutputOptions) =>
    withSession(async ({ client, config, database }) => {
      const { alertCreateTest } = await import("../../store/alert-raise.ts");
      const alertId = await alertCreateTest(database);
      for (const warning of config.warnings) note(warning);
      const schedulers = await noteIfNoScheduler({ client, config }, "the alert is sent");
      await show(flags, { alertId, schedulers }, () => {
        return `Alert ${alertId} is raised; "tidemill alerts status" shows whether it was sent`;
      });
    }),
  );
}
