import type { ToldAlert } from "./message.ts";

/** A message in two forms that say the same. */
export interface ChannelMessage {
  /** With Telegram's HTML; absent to send the plain text. */
  readonly html?: string | undefined;
  readonly text: string;
  /** What the channel called the message that this one answers. */
  readonly replyTo?: string | undefined;
  /** What is too long for the message, as a file. */
  readonly document?: { readonly name: string; readonly text: string } | undefined;
  /** What it tells of, for a channel of machines. */
  readonly alerts: readonly ToldAlert[];
  /** The same for each attempt at the first of them, so that a receiver can tell a repetition. */
  readonly key: string;
}

/** What came of a send. `error` never holds a secret. */
export type SendResult =
  | { readonly kind: "sent"; readonly ref?: string | undefined }
  /** Not taken: too many messages; welcome again after a while. */
  | { readonly kind: "limited"; readonly retryAfterMs: number; readonly error: string }
  /** Not taken: the formatting was not understood. */
  | { readonly kind: "unformatted"; readonly error: string }
  /** Not taken, and would not be the next time: token, chat or rights are wrong. */
  | { readonly kind: "refused"; readonly error: string }
  /** Not taken, and not to be asked again. */
  | { readonly kind: "dead"; readonly error: string }
  /** Not taken: the service could not be reached, or is in trouble. */
  | { readonly kind: "unavailable"; readonly error: string }
  /** The request went out and its answer never came: it may have been taken. */
  | { readonly kind: "unanswered"; readonly error: string };

/** What came of a change of a message; `gone` when there is no such message to change any more. */
export type EditResult = SendResult | { readonly kind: "gone" };

/** A way to reach people or machines. */
export interface Channel {
  /** Stored with each delivery; stays the same between starts, and holds no secret. */
  readonly name: string;
  /** The chat whose limits on messages hold; absent where there are none. */
  readonly chat?: string | undefined;
  /** Takes one alert at a time, under a key that it recognises: a send without an answer may be repeated. */
  readonly isKeyed: boolean;
  /** Sends one message. Never throws: what went wrong is in the result. */
  send(message: ChannelMessage, signal: AbortSignal): Promise<SendResult>;
  /** Changes a message that was sent; absent where that cannot be done. Repeating it changes nothing. */
  edit?(ref: string, message: ChannelMessage, signal: AbortSignal): Promise<EditResult>;
}
