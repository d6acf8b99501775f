import type { Config } from "../kernel/config.ts";

/**
 * Where alerts go, for people and without secrets.
 *
 * @example alertWays(config) // ["to chat -1001234567890", "by 2 routes"]
 */
export function alertWays({ telegram, webhook, alertRoutes }: Config): readonly string[] {
  const { token, chatId } = telegram;
  const ways = [
    token !== undefined && chatId !== undefined ? `to chat ${chatId}` : "",
    webhook.target ? `to the webhook at ${new URL(webhook.target.url.reveal()).host}` : "",
  ].filter((way) => way !== "");
  const others = ways.length > 0 ? ways : ["to the log"];
  const { length } = alertRoutes;
  return length === 0 ? others : [`by ${length} route${length === 1 ? "" : "s"}`, ...others];
}
