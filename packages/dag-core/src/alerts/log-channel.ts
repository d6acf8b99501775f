import type { EventBus } from "../kernel/events.ts";
import type { Channel, ChannelMessage, SendResult } from "./channel.ts";

/** Sends alerts to the log: where no messenger is configured, none goes unseen. */
export class LogChannel implements Channel {
  readonly name = "log";
  readonly isKeyed = false;
  readonly #bus: EventBus;

  constructor(bus: EventBus) {
    this.#bus = bus;
  }

  async send({ text }: ChannelMessage): Promise<SendResult> {
    this.#bus.emit("alert.logged", { text });
    return { kind: "sent" };
  }
}
