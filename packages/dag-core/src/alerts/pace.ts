import type { ChatPace } from "../store/alert.ts";
import type { PastSends } from "../store/alert-chat.ts";

/** At most so many messages in a window of time. */
export interface PaceLimit {
  readonly most: number;
  readonly windowMs: number;
}

/** The limits of a messenger. */
export interface PaceLimits {
  /** Over all chats. */
  readonly all: PaceLimit;
  readonly chat: PaceLimit;
  /** For a group or channel, besides that of a chat. */
  readonly group: PaceLimit;
}

/**
 * Telegram's: 30 messages a second in all, one a second for each chat, 20 a minute for a group. The windows are a
 * little longer, since a message that was counted first may arrive later.
 */
export const telegramLimits: PaceLimits = {
  all: { most: 30, windowMs: 1_050 },
  chat: { most: 1, windowMs: 1_050 },
  group: { most: 20, windowMs: 61_000 },
};

/** Groups and channels have negative ids or names; a person's chat has a positive id. */
const isGroup = (chat: string): boolean => !/^\d/.test(chat);

/** How the messages to a chat keep their distance. */
export function paceOf(chat: string, limits: PaceLimits = telegramLimits): ChatPace {
  return {
    chat,
    windowMs: Math.max(limits.all.windowMs, limits.chat.windowMs, limits.group.windowMs),
    delayMs: (past) => sendDelayMs(past, isGroup(chat), limits),
  };
}

/** How long to wait before the next message to a chat, in milliseconds, so that the limits hold. */
export function sendDelayMs(past: PastSends, toGroup: boolean, limits: PaceLimits): number {
  const delays = [past.pauseMs, waitMs(past.toAll, limits.all), waitMs(past.toChat, limits.chat)];
  if (toGroup) delays.push(waitMs(past.toChat, limits.group));
  return Math.ceil(Math.max(...delays));
}

/** Until the oldest of the last `most` sends leaves the window. */
function waitMs(agesMs: readonly number[], { most, windowMs }: PaceLimit): number {
  const age = agesMs.toSorted((a, b) => a - b)[most - 1];
  return age === undefined ? 0 : Math.max(0, windowMs - age);
}
