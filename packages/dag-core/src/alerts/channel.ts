/** A message in two forms that say the same. */
export interface ChannelMessage {
  /** With Telegram's HTML; absent to send the plain text. */
  readonly html?: string | undefined;
  readonly text: string;
  /** What the channel called the message that this one answers. */
  readonly replyTo?: string | undefined;
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
  /** Not taken: the service could not be reached, or is in trouble. */
  | { readonly kind: "unavailable"; readonly error: string }
  /** The request went out and its answer never came: it may have been taken. */
  | { readonly kind: "unanswered"; readonly error: string };

/** A way to reach people. */
export interface Channel {
  /** Stored with each delivery; stays the same between starts. */
  readonly name: string;
  /** The chat whose limits on messages hold; absent where there are none. */
  readonly chat?: string | undefined;
  /** Sends one message. Never throws: what went wrong is in the result. */
  send(message: ChannelMessage, signal: AbortSignal): Promise<SendResult>;
}
