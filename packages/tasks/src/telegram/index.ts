export { telegram, type TelegramHook, type TelegramText } from "./connection.ts";
export {
  telegramMessage,
  type TelegramMessageOptions,
  type TelegramMessageResult,
} from "./telegram-message.ts";
