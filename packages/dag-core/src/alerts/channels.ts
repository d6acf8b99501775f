import type { Config } from "../kernel/config.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Channel } from "./channel.ts";
import { LogChannel } from "./log-channel.ts";
import { TelegramChannel } from "./telegram-channel.ts";

/** The channels that an installation is set up for: Telegram with token and chat, else the log. */
export function channelsOf(
  config: Pick<Config, "telegram">,
  services: { readonly bus: EventBus; readonly redactor: Redactor },
): readonly Channel[] {
  const { token, chatId, url } = config.telegram;
  if (token === undefined || chatId === undefined) return [new LogChannel(services.bus)];
  return [new TelegramChannel({ token, chatId, url, redactor: services.redactor })];
}
