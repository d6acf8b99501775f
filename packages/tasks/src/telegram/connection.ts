import { type ConnectionRef, tidemillError } from "@tidemill/dag-core";
import { checkedScheme, type UriForm } from "../checked-uri.ts";
import { Api } from "node-telegram-bot-api";

export interface TelegramText {
  readonly text: string;
  /** Defaults to the chat of the URI. */
  readonly chatId?: string;
  /** A topic of a group. Defaults to the one of the URI, else to none. */
  readonly threadId?: number;
  /** How Telegram reads the text. Defaults to plain text. */
  readonly parseMode?: "HTML" | "MarkdownV2";
}

/** A bot and the chat that it writes to. */
export interface TelegramHook extends AsyncDisposable {
  /** Sends once; the caller decides what a failure means. */
  send(message: TelegramText, signal: AbortSignal): Promise<{ readonly messageId: number }>;
  /** The text without the token. */
  redact(text: string): string;
}

const pattern = /^telegram:\/\/([^@/?]+)@chat\/([^/?]+)(?:\?(.*))?$/;
const timeoutMs = 10_000;
const form: UriForm = {
  schemes: ["telegram"],
  example: "telegram://<token>@chat/<chat_id>[?thread=7]",
};

/** Never shows the URI: it holds the token. */
const invalidUri = (): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: "The Telegram URI",
    problem: "has no token and chat",
    remedy: `write ${form.example}`,
  });

interface Target {
  readonly token: string;
  readonly chatId: string;
  readonly threadId: number | undefined;
  readonly api: string | undefined;
}

function parseTelegramUri(uri: string): Target {
  const [, token, chat, query = ""] = pattern.exec(uri) ?? [];
  if (token === undefined || chat === undefined) throw invalidUri();
  const parameters = new URLSearchParams(query);
  const thread = parameters.get("thread");
  return {
    token: decodeURIComponent(token),
    chatId: decodeURIComponent(chat),
    threadId: thread === null ? undefined : Number(thread),
    api: parameters.get("api") ?? undefined,
  };
}

function apiOf({ token, api }: Target): Api {
  return new Api(token, {
    ...(api !== undefined && { apiRoot: api }),
    timeoutMs,
    // A message that may have been taken is not sent again; the operator tells the cases apart.
    maxRetries: 0,
    // The token is part of the address; it must not follow a redirect to another host.
    fetch: (input, init) => fetch(input, { ...init, redirect: "error" }),
  });
}

function openTelegram(uri: string): TelegramHook {
  const target = parseTelegramUri(uri);
  const api = apiOf(target);
  return {
    async send({ text, chatId, threadId = target.threadId, parseMode }, signal) {
      const message = {
        chat_id: chatId ?? target.chatId,
        text,
        link_preview_options: { is_disabled: true },
        ...(threadId !== undefined && { message_thread_id: threadId }),
        ...(parseMode !== undefined && { parse_mode: parseMode }),
      };
      const { message_id: messageId } = await api.sendMessage(message, signal);
      return { messageId };
    },
    redact: (text) => text.replaceAll(target.token, "***"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * A Telegram chat that a bot writes to: `telegram://<token>@chat/<chat_id>[?thread=7&api=https://proxy.example]`.
 * Without an address, {@link telegramMessage} takes `TELEGRAM_BOT_TOKEN` and `TELEGRAM_CHAT_ID`, and without
 * those writes to the log.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @example export const ops = telegram("ops");
 */
export function telegram(connectionId: string): ConnectionRef<TelegramHook> {
  const checked = (uri: string): string => checkedScheme(connectionId, uri, form);
  return {
    connectionId,
    system: "Telegram",
    open: async (uri) => openTelegram(checked(uri)),
    async test(uri, signal) {
      const target = parseTelegramUri(checked(uri));
      const { username } = await apiOf(target)
        .getMe(signal)
        .catch((error: unknown) => {
          // Rethrown bare: the cause may hold the address, and so the token.
          throw new Error(String(error).replaceAll(target.token, "***"));
        });
      return `Telegram bot @${username ?? ""}`;
    },
  };
}
