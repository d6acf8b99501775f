import { TelegramChannel } from "../../packages/dag-core/src/alerts/telegram-channel.ts";
import { AlertSender } from "../../packages/dag-core/src/alerts/sender.ts";
import { EventBus } from "../../packages/dag-core/src/kernel/events.ts";
import { createRedactor } from "../../packages/dag-core/src/kernel/redact.ts";
import { Secret } from "../../packages/dag-core/src/kernel/secret.ts";
import { alertStore } from "../../packages/dag-core/src/store/alert.ts";
import { Database } from "../../packages/dag-core/src/store/database.ts";

/** A sender in a process of its own, to be killed. Its environment says where it works. */
const { ALERT_DATABASE = "", ALERT_TOKEN = "", ALERT_URL = "" } = process.env;
const database = new Database({ url: ALERT_DATABASE });
const redactor = createRedactor([ALERT_TOKEN]);
const token = new Secret(ALERT_TOKEN);
const channel = new TelegramChannel({ token, chatId: "42", url: ALERT_URL, redactor });
new AlertSender({
  store: alertStore(database),
  routing: { channels: [channel], routes: [], otherwise: [channel.name] },
  bus: new EventBus(),
  redactor,
  graceMs: 0,
  pollMs: 50,
}).start();
