import type { ConnectionRef, TaskContext } from "@tidemill/dag-core";
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

/** Sends a message; never fails the task. */
export async function telegramMessage(
  ctx: TaskContext,
  options: TelegramMessageOptions,
): Promise<TelegramMessageResult> {
  throw new Error(`${ctx.taskId} ${options.text}`);
}
