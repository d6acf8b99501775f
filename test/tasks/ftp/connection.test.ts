import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { ftp } from "@tidemill/tasks/ftp";
import { type FtpServer, ftpServer } from "../../helpers/ftp-server.ts";
import { closedPort, rejectionText } from "../../helpers/task-systems.ts";

const inbox = ftp("inbox");
let server: FtpServer;
const large = Buffer.alloc(3_000_000, "0123456789");

beforeAll(async () => {
  server = await ftpServer();
  await mkdir(join(server.folder, "reports/old"), { recursive: true });
  await writeFile(join(server.folder, "reports/sales.csv"), "id,amount\n1,2\n");
  await writeFile(join(server.folder, "reports/large.bin"), large);
});
afterAll(async () => server[Symbol.asyncDispose]());

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const open = () => testContext({ connections: { inbox: server.uri } });
const whole = async (bytes: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await collect(bytes));

test("lists the files of the folder with their sizes, without its folders", async () => {
  await using ctx = open();
  expect(await (await ctx.open(inbox)).list()).toEqual([
    { name: "large.bin", size: 3_000_000 },
    { name: "sales.csv", size: 14 },
  ]);
});

test("reads files one after the other, byte for byte", async () => {
  await using ctx = open();
  const folder = await ctx.open(inbox);
  expect((await whole(folder.read("sales.csv"))).toString()).toBe("id,amount\n1,2\n");
  expect(large.equals(await whole(folder.read("large.bin")))).toBe(true);
});

test("a file that is left early does not hang the attempt", async () => {
  await using ctx = open();
  for await (const chunk of (await ctx.open(inbox)).read("large.bin")) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});

test("a file that is not there, and a name that is a path, are errors", async () => {
  await using ctx = open();
  const folder = await ctx.open(inbox);
  await expect(whole(folder.read("../secret"))).rejects.toThrow('File name "../secret" is a path');
  await expect(whole(folder.read("nothing.csv"))).rejects.toThrow(/550|no such file/i);
});

test("a wrong password and a server that is away are named, without the password", async () => {
  const uri = server.uri.replace("s3cret!", "other-secret");
  await using ctx = testContext({
    connections: { inbox: uri, gone: `ftp://etl:other-secret@127.0.0.1:${await closedPort()}/` },
  });
  const refused = await rejectionText(ctx.open(inbox));
  expect(refused).toContain("the account or its password is refused");
  const away = await rejectionText(ctx.open(ftp("gone")));
  expect(away).toContain("ECONNREFUSED");
  expect(`${refused}${away}`).not.toContain("other-secret");
});
