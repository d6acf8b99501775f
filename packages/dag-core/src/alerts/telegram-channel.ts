import {
  Api,
  InputFile,
  NetworkError,
  ParseError,
  TelegramApiError,
  TimeoutError,
} from "node-telegram-bot-api";
import type { Redactor } from "../kernel/redact.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Channel, ChannelMessage, EditResult, SendResult } from "./channel.ts";

export interface TelegramChannelOptions {
  /** Defaults to `"telegram"`. */
  readonly name?: string;
  readonly token: Secret;
  /** A number, negative for groups, or the `@name` of a channel. */
  readonly chatId: string;
  /** A topic of the group. */
  readonly thread?: number | undefined;
  readonly redactor: Redactor;
  /** Address of the Bot API server. Defaults to Telegram's. */
  readonly url?: string;
  /** How long to wait for an answer, in milliseconds. Defaults to 10,000. */
  readonly timeoutMs?: number;
}

/** Sends alerts to a Telegram chat. */
export class TelegramChannel implements Channel {
  readonly name: string;
  readonly isKeyed = false;
  readonly #api: Api;
  readonly #redactor: Redactor;
  readonly #thread: number | undefined;
  #chat: string;

  constructor(options: TelegramChannelOptions) {
    const { name = "telegram", token, chatId, thread, redactor, url, timeoutMs = 10_000 } = options;
    this.name = name;
    this.#chat = chatId;
    this.#thread = thread;
    this.#redactor = redactor;
    this.#api = new Api(token.reveal(), {
      ...(url === undefined ? {} : { apiRoot: url }),
      timeoutMs,
      // Each attempt is recorded by the sender, which decides on the next one.
      maxRetries: 0,
      // The token is part of the address; it must not follow a redirect to another host.
      fetch: (input, init) => fetch(input, { ...init, redirect: "error" }),
    });
  }

  get chat(): string {
    return this.#chat;
  }

  async send(message: ChannelMessage, signal: AbortSignal): Promise<SendResult> {
    try {
      return await this.#post(message, signal);
    } catch (error) {
      const moved = error instanceof TelegramApiError ? error.migrateToChatId : undefined;
      if (moved === undefined) return this.#resultOf(error);
      this.#chat = String(moved);
      return this.#post(message, signal).catch((failure: unknown) => this.#resultOf(failure));
    }
  }

  async edit(ref: string, message: ChannelMessage, signal: AbortSignal): Promise<EditResult> {
    try {
      await this.#api.editMessageText(
        { chat_id: this.#chat, message_id: Number(ref), ...bodyOf(message) },
        signal,
      );
      return { kind: "sent", ref };
    } catch (error) {
      return this.#editResultOf(error, ref);
    }
  }

  #editResultOf(error: unknown, ref: string): EditResult {
    if (error instanceof TelegramApiError && error.errorCode === 400) {
      if (/not modified/i.test(error.description)) return { kind: "sent", ref };
      if (/message.*(not found|can't be edited)|MESSAGE_ID_INVALID/i.test(error.description))
        return { kind: "gone" };
    }
    return this.#resultOf(error);
  }

  async #post(message: ChannelMessage, signal: AbortSignal): Promise<SendResult> {
    const { replyTo, document } = message;
    const sent = await this.#api.sendMessage(
      {
        ...this.#place(),
        ...bodyOf(message),
        ...(replyTo === undefined ? {} : { reply_parameters: replyTarget(replyTo) }),
      },
      signal,
    );
    const ref = String(sent.message_id);
    if (document) await this.#attach(ref, document, signal);
    return { kind: "sent", ref };
  }

  /** The message has said what matters; a file that does not arrive leaves the log, which it names. */
  async #attach(
    ref: string,
    { name, text }: NonNullable<ChannelMessage["document"]>,
    signal: AbortSignal,
  ): Promise<void> {
    const document = new InputFile(Buffer.from(text), { filename: name });
    await this.#api
      .sendDocument({ ...this.#place(), document, reply_parameters: replyTarget(ref) }, signal)
      .catch(() => undefined);
  }

  #place(): { readonly chat_id: string; readonly message_thread_id?: number } {
    const thread = this.#thread;
    return { chat_id: this.#chat, ...(thread === undefined ? {} : { message_thread_id: thread }) };
  }

  /** The thrown error stays here: its cause may hold the address, and so the token. */
  #resultOf(error: unknown): SendResult {
    const result = classify(error);
    return "error" in result ? { ...result, error: this.#redactor.redact(result.error) } : result;
  }
}

const bodyOf = ({ html, text }: ChannelMessage) => ({
  text: html ?? text,
  link_preview_options: { is_disabled: true },
  ...(html === undefined ? {} : { parse_mode: "HTML" as const }),
});

const replyTarget = (ref: string) => ({
  message_id: Number(ref),
  allow_sending_without_reply: true,
});

function classify(error: unknown): SendResult {
  if (error instanceof TelegramApiError) return classifyAnswer(error);
  if (error instanceof TimeoutError) return unanswered("did not answer in time");
  if (error instanceof ParseError) return unanswered("answered with something that is not JSON");
  if (!(error instanceof NetworkError)) return unanswered("was left before its answer came");
  const code = networkCode(error.cause);
  if (error.cause === undefined) return unavailable("is in trouble (HTTP 5xx)");
  if (beforeSend.has(code)) return unavailable(`cannot be reached (${code})`);
  return unanswered(`broke the connection (${code})`);
}

const unavailable = (problem: string): SendResult => ({
  kind: "unavailable",
  error: `Telegram ${problem}`,
});
const unanswered = (problem: string): SendResult => ({
  kind: "unanswered",
  error: `Telegram ${problem}`,
});

function classifyAnswer(answer: TelegramApiError): SendResult {
  const { errorCode, description } = answer;
  const error = `Telegram answered ${errorCode}: ${description}`;
  if (errorCode === 429) {
    return { kind: "limited", retryAfterMs: (answer.retryAfter ?? 1) * 1_000, error };
  }
  if (errorCode >= 500) return { kind: "unavailable", error };
  if (errorCode === 400 && /can't parse|entit/i.test(description))
    return { kind: "unformatted", error };
  return { kind: "refused", error: `${error}; ${remedyOf(errorCode)}` };
}

const remedyOf = (errorCode: number): string =>
  errorCode === 401 || errorCode === 404
    ? "check TELEGRAM_BOT_TOKEN"
    : "check TELEGRAM_CHAT_ID and that the bot may write there";

/** Failures that come before the request has left this machine, so that it cannot have been taken. */
const beforeSend: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** The system's word for what went wrong, which `fetch` wraps in errors of its own. */
function networkCode(cause: unknown, depth = 0): string {
  if (typeof cause !== "object" || cause === null || depth > 4) return "unknown";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  const [inner] = "errors" in cause && Array.isArray(cause.errors) ? cause.errors : [];
  return networkCode(inner ?? ("cause" in cause ? cause.cause : undefined), depth + 1);
}
