import { type TidemillError, tidemillError } from "@tidemill/dag-core";

export const topicMissing = (topic: string, address: string): TidemillError =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `Kafka topic "${topic}"`,
    problem: `does not exist at ${address}`,
    remedy: "create it, for example with ensureTopic",
  });
