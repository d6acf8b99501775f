import type { Command } from "commander";
import { leaf } from "../command.ts";
import { note, type OutputOptions, show } from "../output.ts";
import { withSession } from "../session.ts";

export function alertsTest(parent: Command): void {
  leaf(parent, "test", {
    does: "Raise an alert that says nothing but that alerts arrive.",
    example: "tidemill alerts test",
  }).action((flags: OutputOptions) =>
    withSession(async ({ client, config, database }) => {
      const { alertCreateTest } = await import("../../store/alert-raise.ts");
      const { schedulers } = await client.readModel.health({ leaseMs: config.leaseMs });
      const alertId = await alertCreateTest(database);
      for (const warning of config.warnings) note(warning);
      if (schedulers === 0) note("No scheduler is alive; the alert is sent when one is");
      await show(flags, { alertId, schedulers }, () => {
        return `Alert ${alertId} is raised; "tidemill alerts status" shows whether it was sent`;
      });
    }),
  );
}
