import type { TaskContext } from "@tidemill/dag-core";
import { kafkaConsumeToPostgres, kafkaHasNew, type KafkaNews } from "@tidemill/tasks/kafka";
import { events, shopEvents } from "../../connections.ts";
import type { LoadCounts } from "../../lib/load-counts.ts";
import { landMessages } from "./land-messages.ts";
import { loggedLoad } from "./logged-load.ts";
import { refreshStatistics } from "./refresh-statistics.ts";

/** Where the events come from; `SHOP_EVENTS_TOPIC` in the environment names another one. */
export const topic = process.env["SHOP_EVENTS_TOPIC"] ?? "user_events";
/** Under this name the offsets of the raw layer are kept. */
export const consumer = "shop_events.raw";

/** Messages of one transaction: enough to make its commit cheap, few enough to keep memory flat. */
const batchSize = 5_000;

/** Whether the topic has messages that raw has not; nothing while there are none. */
export const checkKafkaMessage = (ctx: TaskContext): Promise<KafkaNews | undefined> =>
  kafkaHasNew(ctx, { on: events, topic, consumer, into: shopEvents });

/** Reads what is in the topic now, batch by batch, each one transaction with its offsets. */
export const consumeAndSave = (ctx: TaskContext): Promise<LoadCounts> =>
  loggedLoad(ctx, async () => {
    const { messages, rows, rejected } = await kafkaConsumeToPostgres(ctx, {
      from: events,
      topic,
      consumer,
      into: shopEvents,
      batchSize,
      maxDuration: "5m",
      prepare: (batch) => landMessages({ topic, runId: ctx.runId, batch }),
    });
    await refreshStatistics(ctx, "raw", rows);
    return {
      rowsIn: messages,
      rowsOut: rows,
      rowsRejected: rejected,
      rowsDuplicate: messages - rows - rejected,
      rowsFiltered: 0,
    };
  });
