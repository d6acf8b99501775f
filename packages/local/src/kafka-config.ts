import { LOOPBACK } from "./ports.ts";

export interface KafkaPlace {
  readonly port: number;
  readonly controllerPort: number;
  readonly logDirectory: string;
}

export const CLUSTER_ID_BYTES = 16;

/**
 * The id of a cluster as Kafka writes it, of {@link CLUSTER_ID_BYTES} random bytes. The first bit
 * is cleared: an id that begins with "-", one in 64, is an option to the tool that reads it.
 */
export function clusterId(bytes: Buffer): string {
  const positive = Buffer.from(bytes);
  positive.writeUInt8(positive.readUInt8() & 0x7f);
  return positive.toString("base64url");
}

/** One node in both roles. The two session settings bring it back in seconds after a kill. */
export function serverProperties({ port, controllerPort, logDirectory }: KafkaPlace): string {
  const broker = `${LOOPBACK}:${String(port)}`;
  const controller = `${LOOPBACK}:${String(controllerPort)}`;
  const properties: Readonly<Record<string, string | number>> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@${controller}`,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    "advertised.listeners": `PLAINTEXT://${broker}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "PLAINTEXT",
    // In a properties file a backslash starts an escape.
    "log.dirs": logDirectory.replaceAll("\\", "\\\\"),
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "broker.session.timeout.ms": 1500,
    "broker.heartbeat.interval.ms": 300,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "log.cleaner.dedupe.buffer.size": 16777216,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join("");
}
