import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedScheme, type UriForm } from "../checked-uri.ts";
import type { KafkaHook } from "./hook.ts";
import { openKafka } from "./open.ts";

const form: UriForm = {
  schemes: ["kafka"],
  example: "kafka://[user:password@]host:9092[,host2:9092]",
};

/**
 * A Kafka cluster.
 *
 * The URI is `kafka://[user:password@]host:9092[,host2:9092][?ssl=true&mechanism=scram-sha-512&clientId=etl]`.
 * With a user, `mechanism` is `plain` (default), `scram-sha-256` or `scram-sha-512`. `ssl=true` encrypts and
 * checks the certificate; `sslrootcert`, `sslcert` and `sslkey` name PEM files.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` when no broker answers.
 * @example export const events = kafka("kafka"); // TIDEMILL_CONN_KAFKA=kafka://localhost:9092
 */
export function kafka(connectionId: string): ConnectionRef<KafkaHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to brokers that run`;
  const checked = (uri: string): string => checkedScheme(connectionId, uri, form);
  return {
    connectionId,
    system: "Kafka",
    open: async (uri, signal) => openKafka(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using hook = await openKafka(checked(uri), remedy, signal);
      const admin = await hook.admin();
      const { brokers, clusterId } = await admin.describeCluster();
      return `Kafka cluster ${clusterId}, ${brokers.length} broker(s)`;
    },
  };
}
