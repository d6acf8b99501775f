import type { Stack } from "@tidemill/local";

/** Ends the names of topics that only the stand-in of Kafka uses in this start. */
const suffix = `_${Date.now()}`;

interface Topic {
  /** The variable that names the topic to the pipeline's code. */
  readonly variable: string;
  readonly name: string;
  readonly partitions: number;
}

const topics: readonly Topic[] = [
  { variable: "SHOP_EVENTS_TOPIC", name: "user_events", partitions: 3 },
];

/** Topics that the stand-in serves: it must know them at its start. */
export function topicsOf(): Readonly<Record<string, number>> {
  return Object.fromEntries(topics.map(({ name, partitions }) => [name + suffix, partitions]));
}

/**
 * The stand-in forgets its messages when it stops, while the database remembers how far it has read. So each start reads
 * a topic of its own; Apache Kafka keeps what it has, and its topic keeps its name.
 */
export function useFreshTopics({ addresses }: Stack): void {
  if (addresses.kafkaKind !== "mokapi") return;
  for (const { variable, name } of topics) process.env[variable] = name + suffix;
}
