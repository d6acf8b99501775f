import { describe, expect, test } from "@jest/globals";

import { CLUSTER_ID_BYTES, clusterId } from "../../packages/local/src/kafka-config.ts";

describe("the id of a cluster", () => {
  test("never begins like an option", () => {
    const bytes = (first: number): Buffer => Buffer.alloc(CLUSTER_ID_BYTES, 7).fill(first, 0, 1);
    const all = Array.from({ length: 256 }, (_, first) => clusterId(bytes(first)));

    expect(bytes(0xfb).toString("base64url")).toMatch(/^-/);
    expect(all.filter((id) => id.startsWith("-"))).toEqual([]);
    expect(new Set(all).size).toBe(128);
  });

  test("is 16 bytes, as Kafka reads it", () => {
    const id = clusterId(Buffer.alloc(CLUSTER_ID_BYTES, 0xff));
    expect(Buffer.from(id, "base64url")).toHaveLength(16);
    expect(id).toHaveLength(22);
  });
});
