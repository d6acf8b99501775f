import { expect, test } from "@jest/globals";
import { addressOf } from "../../../packages/dag-core/src/kernel/address.ts";

test.each([
  ["postgres://etl:word@db:5432/dwh?sslmode=require", "postgres://db:5432/dwh"],
  ["kafka://u:p@a:9092,b:9092", "kafka://a:9092,b:9092"],
  ["kafka://a:9092,b:9092", "kafka://a:9092,b:9092"],
  ["https://u:p@ss@host/path#part", "https://host/path"],
  ["postgres://u:12/word@db/dwh", "postgres://db/dwh"],
  ["postgres://u:p?word@db/dwh", "postgres://db/dwh"],
  ["postgres://u:p#word@db/dwh?a=b", "postgres://db/dwh"],
  ["postgres://db:5432/dwh?mail=a@b", "postgres://db:5432/dwh"],
  ["http://host", "http://host"],
  ["host=db password=word", "(no URI)"],
])("%s is shown as %s", (given, shown) => {
  expect(addressOf(given)).toBe(shown);
});
