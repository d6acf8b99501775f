import { testContext } from "@tidemill/dag-core/testing";
import { ensureTopic, kafka } from "@tidemill/tasks/kafka";

const broker = kafka("broker");

/** Creates a topic and waits until the broker knows of it: the client's own wait ends with an error where it does not. */
export async function createTopic(uri: string, topic: string, partitions = 1): Promise<void> {
  await using ctx = testContext({ connections: { broker: uri } });
  await ensureTopic(ctx, { on: broker, topic, partitions });
}
