import type { NotificationProvider } from "./provider.ts";

/** Writes a notice into the log of the task and delivers it to nobody: the default, and what goes through past days. */
export const consoleProvider: NotificationProvider = {
  name: "console",
  reachesPeople: false,
  send(ctx, { id, key, channel, template, shortfall }) {
    ctx.log.debug("notice", { id, key, channel, template, shortfall });
    return Promise.resolve(`console-${id}`);
  },
};
