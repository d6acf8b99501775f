import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionRef, type TaskContext, TidemillError } from "@tidemill/dag-core";
import { NetworkError, TelegramApiError, TimeoutError } from "node-telegram-bot-api";
import pRetry from "p-retry";
import { errorCode } from "../unreachable.ts";
import type { TelegramHook, TelegramText } from "./connection.ts";

export interface TelegramMessageOptions extends TelegramText {
  readonly to: ConnectionRef<TelegramHook>;
}

export interface TelegramMessageResult {
  readonly sent: boolean;
  readonly messageId?: number;
  /** Why it was not sent. */
  readonly reason?: string;
}

/** Telegram's own limit. */
const maxCharacters = 4_096;
const maxWaitSeconds = 30;
const retries = 2;
const firstDelayMs = 1_000;

/** Failures before the request has left: the message cannot have been taken. */
const beforeSend = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/**
 * Sends a message to a Telegram chat. It never fails the task: what could not be sent is in the result and the log.
 *
 * A text over 4,096 characters is cut; one whose formatting Telegram refuses is sent as plain text. A request that
 * Telegram turned away (429, 5xx) is tried twice more; one whose answer never came is not, it may have been taken.
 * For alerts on failures use the DAG's own alerts: they are stored, and sent once.
 *
 * @example await telegramMessage(ctx, { to: ops, text: `${ctx.dagId} loaded ${rows} rows` });
 */
export async function telegramMessage(
  ctx: TaskContext,
  options: TelegramMessageOptions,
): Promise<TelegramMessageResult> {
  const { to, ...message } = options;
  const text = cut(message.text);
  let hook: TelegramHook | undefined;
  try {
    hook = await openOrFallback(ctx, to);
    if (hook === undefined) {
      ctx.log.info(text);
      return { sent: false, reason: "no token" };
    }
    const { messageId } = await deliver(ctx, hook, { ...message, text });
    return { sent: true, messageId };
  } catch (error) {
    const shown = reasonOf(error);
    const reason = hook ? hook.redact(shown) : shown;
    ctx.log.warn(`Telegram message was not sent: ${reason}`, { text });
    return { sent: false, reason };
  }
}

const cut = (text: string): string =>
  text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;

/** The connection, else the bot of the environment, else nothing. */
async function openOrFallback(
  ctx: TaskContext,
  to: ConnectionRef<TelegramHook>,
): Promise<TelegramHook | undefined> {
  try {
    return await ctx.open(to);
  } catch (error) {
    const isMissing =
      error instanceof TidemillError && error.code === "TIDEMILL_CONNECTION_MISSING";
    if (!isMissing) throw error;
  }
  const { TELEGRAM_BOT_TOKEN: token = "", TELEGRAM_CHAT_ID: chat = "" } = process.env;
  if (token === "" || chat === "") return undefined;
  const uri = `telegram://${encodeURIComponent(token)}@chat/${encodeURIComponent(chat)}`;
  return to.open(uri, ctx.signal);
}

async function deliver(
  ctx: TaskContext,
  hook: TelegramHook,
  message: TelegramText,
): Promise<{ messageId: number }> {
  try {
    return await sendPatiently(ctx, hook, message);
  } catch (error) {
    const isUnformatted =
      error instanceof TelegramApiError &&
      error.errorCode === 400 &&
      /pars|entit/i.test(error.description);
    if (!isUnformatted || message.parseMode === undefined) throw error;
    const { parseMode: _, ...plain } = message;
    return sendPatiently(ctx, hook, plain);
  }
}

const sendPatiently = (
  ctx: TaskContext,
  hook: TelegramHook,
  message: TelegramText,
): Promise<{ messageId: number }> =>
  pRetry(() => hook.send(message, ctx.signal), {
    retries,
    minTimeout: firstDelayMs,
    randomize: true,
    signal: ctx.signal,
    async onFailedAttempt({ error, retriesLeft, retryDelay }) {
      const waitMs = (waitSeconds(error) ?? 0) * 1_000;
      if (!wasTurnedAway(error) || waitMs > maxWaitSeconds * 1_000) throw error;
      if (retriesLeft === 0 || waitMs <= retryDelay) return;
      await delay(waitMs - retryDelay, undefined, { signal: ctx.signal });
    },
  });

const waitSeconds = (error: Error): number | undefined =>
  error instanceof TelegramApiError ? error.retryAfter : undefined;

function wasTurnedAway(error: Error): boolean {
  if (error instanceof TelegramApiError) return error.errorCode === 429 || error.errorCode >= 500;
  // Of a 5xx page without Telegram's JSON the client makes a network error without a cause.
  if (!(error instanceof NetworkError)) return false;
  return error.cause === undefined || beforeSend.has(errorCode(error.cause) ?? "");
}

function reasonOf(error: unknown): string {
  if (error instanceof TelegramApiError) {
    return `Telegram answered ${error.errorCode}: ${error.description}`;
  }
  if (error instanceof TimeoutError) return "Telegram did not answer in time";
  if (error instanceof NetworkError) {
    return `Telegram cannot be reached (${errorCode(error.cause) ?? "trouble on its side"})`;
  }
  return error instanceof Error ? error.message : String(error);
}
