import { tidemillError } from "@tidemill/dag-core";
import type { KafkaConfig, SASLOptions } from "kafkajs";
import { tlsFiles } from "../tls-files.ts";

const mechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;
type Mechanism = (typeof mechanisms)[number];
const isMechanism = (text: string): text is Mechanism =>
  (mechanisms as readonly string[]).includes(text);

const pattern = /^kafka:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]+)\/?(?:\?(.*))?$/;

/** The message never shows the URI: it may hold a password. */
const invalid = (problem: string): Error =>
  tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: "The Kafka URI",
    problem,
    remedy:
      "write kafka://[user:password@]host:9092[,host2:9092][?ssl=true&mechanism=scram-sha-512]",
  });

function saslOf(user: string, password: string, query: URLSearchParams): SASLOptions {
  const mechanism = query.get("mechanism") ?? "plain";
  if (!isMechanism(mechanism)) {
    throw invalid(`has mechanism "${mechanism}", which is none of ${mechanisms.join(", ")}`);
  }
  return { mechanism, username: decodeURIComponent(user), password: decodeURIComponent(password) };
}

/** What a Kafka URI says. `address` has no credentials. */
export async function parseKafkaUri(
  uri: string,
): Promise<{ config: KafkaConfig & { brokers: string[] }; address: string }> {
  const [, user, password = "", hosts = "", queryText = ""] = pattern.exec(uri) ?? [];
  if (hosts === "") throw invalid("has no brokers");
  const query = new URLSearchParams(queryText);
  const brokers = hosts.split(",").map((host) => (/:\d+$/.test(host) ? host : `${host}:9092`));
  const files = await tlsFiles(query);
  const ssl = query.get("ssl") === "true" ? files : undefined;
  const sasl = user === undefined || user === "" ? undefined : saslOf(user, password, query);
  const clientId = query.get("clientId") ?? "tidemill";
  return {
    config: {
      clientId,
      brokers,
      ...(ssl && { ssl: Object.keys(ssl).length === 0 ? true : ssl }),
      ...(sasl && { sasl }),
    },
    address: brokers.join(","),
  };
}
