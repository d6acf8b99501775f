import type { AlertRoute, WebhookTarget } from "../kernel/alert-targets.ts";
import type { Config } from "../kernel/config.ts";
import type { EventBus } from "../kernel/events.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Channel } from "./channel.ts";
import { LogChannel } from "./log-channel.ts";
import type { ChannelRoute, Routing } from "./routing.ts";
import { TelegramChannel } from "./telegram-channel.ts";
import { WebhookChannel } from "./webhook-channel.ts";

export interface ChannelServices {
  readonly bus: EventBus;
  readonly redactor: Redactor;
}

type AlertConfig = Pick<Config, "telegram" | "webhook" | "alertRoutes" | "alertQuiet">;

/**
 * The channels that an installation is set up for, and which alerts go where: what no route takes goes to the chat
 * and the webhook of the settings, else to the log.
 */
export function routingOf(config: AlertConfig, services: ChannelServices): Routing {
  const channels = new Map<string, Channel>();
  const open = (channel: Channel): string => {
    if (!channels.has(channel.name)) channels.set(channel.name, channel);
    return channel.name;
  };
  const routes = config.alertRoutes.flatMap((route): readonly ChannelRoute[] => {
    const channel = channelOf(route, config, services);
    return channel ? [{ when: route, channel: open(channel) }] : [];
  });
  const otherwise = otherChannels(config, services).map(open);
  return { channels: [...channels.values()], routes, otherwise, quiet: config.alertQuiet };
}

function otherChannels(config: AlertConfig, services: ChannelServices): readonly Channel[] {
  const { chatId } = config.telegram;
  const { target } = config.webhook;
  const chosen = [
    chatId === undefined ? undefined : telegram(config, services, chatId),
    target && webhook(config, services, target),
  ].filter((channel) => channel !== undefined);
  return chosen.length > 0 ? chosen : [new LogChannel(services.bus)];
}

function channelOf(
  { chat, thread, webhook: target }: AlertRoute,
  config: AlertConfig,
  services: ChannelServices,
): Channel | undefined {
  if (chat !== undefined) return telegram(config, services, chat, thread);
  return target && webhook(config, services, target);
}

function telegram(
  { telegram: { token, chatId, url } }: AlertConfig,
  { redactor }: ChannelServices,
  chat: string,
  thread?: number,
): Channel | undefined {
  if (token === undefined) return undefined;
  const place = thread === undefined ? chat : `${chat}/${thread}`;
  const name = place === chatId ? "telegram" : `telegram:${place}`;
  return new TelegramChannel({ name, token, chatId: chat, thread, url, redactor });
}

function webhook(
  { webhook: { target, allowsPrivate } }: AlertConfig,
  { redactor }: ChannelServices,
  { url, secret }: WebhookTarget,
): Channel {
  const isDefault = target?.url.reveal() === url.reveal();
  return new WebhookChannel({ url, secret, allowsPrivate, redactor, isDefault });
}
