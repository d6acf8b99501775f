import { dag } from "@tidemill/dag-core";
import { checkKafkaMessage, consumeAndSave } from "./lib/consume-and-save.ts";

export default dag(
  "kafka_to_postgres",
  {
    description: "Stores the messages of the topic user_events in the raw tables, each once.",
    schedule: "*/30 * * * *",
    startDate: "2024-01-01",
    catchup: "none",
    maxActiveRuns: 1,
    timeout: "45m",
    tags: ["shop_events", "raw"],
    defaults: { retries: 2, retryDelay: "5m" },
  },
  ({ task, sensor }) => {
    const waited = sensor("wait_for_kafka", {
      every: "10s",
      timeout: "5m",
      poke: checkKafkaMessage,
    });
    task("consume_and_save_batch", { after: [waited], timeout: "10m", run: consumeAndSave });
  },
);
