import { describe, expect, test } from "@jest/globals";
import type { ConnectionRef } from "@tidemill/dag-core";
import { clickhouse } from "@tidemill/tasks/clickhouse";
import { folder } from "@tidemill/tasks/files";
import { ftp } from "@tidemill/tasks/ftp";
import { http } from "@tidemill/tasks/http";
import { kafka } from "@tidemill/tasks/kafka";
import { mysql } from "@tidemill/tasks/mysql";
import { oracle } from "@tidemill/tasks/oracle";
import { postgres } from "@tidemill/tasks/postgres";
import { telegram } from "@tidemill/tasks/telegram";

const never = new AbortController().signal;
const scheme = { code: "TIDEMILL_INPUT_INVALID" };

type Row = readonly [(id: string) => ConnectionRef<unknown>, string, string];
const others: readonly Row[] = [
  [postgres, "mysql", "postgres, postgresql; set TIDEMILL_CONN_DWH to postgres://"],
  [mysql, "postgres", "mysql, mariadb; set TIDEMILL_CONN_DWH to mysql://"],
  [oracle, "postgres", "oracle; set TIDEMILL_CONN_DWH to oracle://"],
  [clickhouse, "clickhouse", "http, https; set TIDEMILL_CONN_DWH to https://"],
  [ftp, "sftp", "ftp, ftps; set TIDEMILL_CONN_DWH to ftp://"],
  [http, "ftp", "http, https; set TIDEMILL_CONN_DWH to https://"],
  [kafka, "http", "kafka; set TIDEMILL_CONN_DWH to kafka://"],
  [telegram, "https", "telegram; set TIDEMILL_CONN_DWH to telegram://"],
  [folder, "ftp", "file; set TIDEMILL_CONN_DWH to file:///"],
];

describe("an address of another kind of system", () => {
  test.each(others)("is refused by %p, unseen by the error: %s", async (kind, other, says) => {
    const ref = kind("dwh");
    const uri = `${other}://etl:hush-hush@127.0.0.1:1/dwh`;
    const error = {
      ...scheme,
      message: expect.stringMatching(
        `^The URI of connection "dwh" has scheme "${other}", which is none of ${says}(?!.*hush)`,
      ),
    };
    await expect(ref.open(uri, never)).rejects.toMatchObject(error);
    await expect(ref.test(uri, never)).rejects.toMatchObject(error);
  });

  test.each([postgres, mysql, oracle, clickhouse, ftp, http, kafka, telegram, folder])(
    "one without any is refused by %p",
    async (kind) => {
      const error = {
        ...scheme,
        message: expect.stringContaining("does not begin with its scheme and ://; set"),
      };
      await expect(kind("dwh").open("hush-hush@host/dwh", never)).rejects.toMatchObject(error);
    },
  );

  test("a password that was not encoded is told of as such", async () => {
    const opening = postgres("dwh").open("postgres://etl:hu/sh#hush@host/dwh", never);
    await expect(opening).rejects.toMatchObject({
      ...scheme,
      message: expect.stringMatching(/cannot be read \(.*%40\); set TIDEMILL_CONN_DWH(?!.*hush)/),
    });
  });
});
