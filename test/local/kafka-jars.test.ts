import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "@jest/globals";

import {
  kafkaJars,
  kafkaJarsOptions,
  type LockedJar,
} from "../../packages/local/src/kafka-jars.ts";
import { stackDirectory } from "../helpers/stack-directory.ts";

const directory = stackDirectory();
const files = new Map([
  ["/org/a/1/a-1.jar", "the first jar"],
  ["/org/b/2/b-2.jar", "the second jar"],
]);
const jars: LockedJar[] = [...files].map(([path, text]) => ({
  sha256: createHash("sha256").update(text).digest("hex"),
  bytes: text.length,
  path: path.slice(1),
}));

let server: Server;
let repository = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const text = files.get(request.url ?? "");
    response.statusCode = text === undefined ? 404 : 200;
    response.end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  repository = `http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}`;
});

afterAll(() => {
  server.close();
});

function fetching(name: string, locked: readonly LockedJar[] = jars): Promise<string[]> {
  const cache = join(directory, name, "kafka");
  const onProgress = (): void => undefined;
  return kafkaJars({
    cache,
    jars: locked,
    repository,
    maven: false,
    signal: undefined,
    onProgress,
  });
}

test("jars are downloaded once and found again without the repository", async () => {
  const paths = await fetching("once");
  expect(paths.map((path) => readFileSync(path, "utf8"))).toEqual([...files.values()]);
  const known = repository;
  repository = "http://127.0.0.1:1";
  await expect(fetching("once")).resolves.toEqual(paths);
  repository = known;
});

test.each([
  ["content", (jar: LockedJar) => ({ ...jar, sha256: "0".repeat(64) })],
  ["size", (jar: LockedJar) => ({ ...jar, bytes: jar.bytes + 1 })],
])("a jar with another %s than the lock says is refused and not kept", async (name, change) => {
  const changed = jars.map((jar, index) => (index === 1 ? change(jar) : jar));
  await expect(fetching(name, changed)).rejects.toMatchObject({
    code: "TIDEMILL_LOCAL_JAR_CHANGED",
    message: expect.stringContaining("b-2.jar") as unknown,
  });
  expect(readdirSync(join(directory, name))).toEqual([]);
});

test("a jar that was changed in the cache is refused", async () => {
  const [first = ""] = await fetching("changed");
  writeFileSync(first, "the first jaR");
  await expect(fetching("changed")).rejects.toMatchObject({ code: "TIDEMILL_LOCAL_JAR_CHANGED" });
});

test("a jar that the repository lacks is named with the address and the way out", async () => {
  const missing = [...jars, { sha256: "0", bytes: 1, path: "org/c/3/c-3.jar" }];
  await expect(fetching("missing", missing)).rejects.toMatchObject({
    code: "TIDEMILL_LOCAL_JAR_MISSING",
    message: expect.stringMatching(/c-3\.jar.*status 404.*TIDEMILL_MAVEN_REPOSITORY/) as unknown,
  });
});

test("the cache and the repository come from the environment", async () => {
  const env = { TIDEMILL_CACHE: "/cache", TIDEMILL_MAVEN_REPOSITORY: "http://mirror/maven/" };
  const options = await kafkaJarsOptions(env);
  expect(options).toMatchObject({
    cache: join("/cache", "kafka-4.4.0"),
    repository: "http://mirror/maven",
    maven: false,
  });
  expect(options.jars).toHaveLength(30);
  expect(options.jars.every((jar) => /^[0-9a-f]{64}$/.test(jar.sha256) && jar.bytes > 0)).toBe(
    true,
  );
});

test("without Maven and without a repository, what to do is said", async () => {
  const { cache, repository, jars } = await kafkaJarsOptions({
    TIDEMILL_CACHE: directory,
  });
  const options = { cache: join(cache, "none"), jars, repository, maven: false };
  await expect(
    kafkaJars({ ...options, signal: undefined, onProgress: () => {} }),
  ).rejects.toMatchObject({
    code: "TIDEMILL_LOCAL_JAR_MISSING",
    message: expect.stringMatching(/no repository is named.*TIDEMILL_MAVEN_REPOSITORY/) as unknown,
  });
});
