import type { Queryable } from "./database.ts";
import { loadQueries } from "./sql.ts";

const q = loadQueries("alert", "AlertChatAdd", "AlertChatLock", "AlertChatPause", "AlertChatSent");

/** The messages that count against the limits of a messenger, by how long ago they were sent. */
export interface PastSends {
  /** To one chat, in milliseconds before now. */
  readonly toChat: readonly number[];
  /** To all chats. */
  readonly toAll: readonly number[];
  /** How long the messenger wants no message, in milliseconds. */
  readonly pauseMs: number;
}

interface ChatRow {
  readonly chat: string;
  readonly ages_ms: readonly number[];
  readonly pause_ms: number;
}
const allChats = "*";

/** Locks what is counted for a chat, so that one process at a time decides whether it may send. */
export async function alertChatLock(tx: Queryable, chat: string): Promise<PastSends> {
  await tx.exec(q.AlertChatAdd, { chat });
  const rows = await tx.many<ChatRow>(q.AlertChatLock, { chat });
  return {
    toChat: rows.find((row) => row.chat === chat)?.ages_ms ?? [],
    toAll: rows.find((row) => row.chat === allChats)?.ages_ms ?? [],
    pauseMs: Math.max(0, ...rows.map((row) => row.pause_ms)),
  };
}

/** Counts a message; under the lock of {@link alertChatLock}. */
export async function alertChatSent(tx: Queryable, chat: string, windowMs: number): Promise<void> {
  await tx.exec(q.AlertChatSent, { chat, window_ms: windowMs });
}

/** Keeps every process from sending to a chat for a while. */
export async function alertChatPause(tx: Queryable, chat: string, pauseMs: number): Promise<void> {
  await tx.exec(q.AlertChatPause, { chat, pause_ms: pauseMs });
}
