import type { ConnectionRef } from "@tidemill/dag-core";

export interface TelegramText {
  readonly text: string;
  /** Defaults to the chat of the URI. */
  readonly chatId?: string;
  readonly threadId?: number;
  readonly parseMode?: "HTML" | "MarkdownV2";
}

/** A bot and the chat it writes to. */
export interface TelegramHook extends AsyncDisposable {
  send(message: TelegramText): Promise<{ messageId: number }>;
}

/**
 * A Telegram chat that a bot writes to: `telegram://<token>@chat/<chat_id>[?thread=7]`.
 * Without an address, `TELEGRAM_BOT_TOKEN` and `TELEGRAM_CHAT_ID` are used.
 *
 * @example export const ops = telegram("ops");
 */
export function telegram(connectionId: string): ConnectionRef<TelegramHook> {
  return {
    connectionId,
    system: "Telegram",
    open: () => Promise.reject(new Error("-")),
    test: () => Promise.reject(new Error("-")),
  };
}
