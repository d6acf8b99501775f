import { expect, test } from "@jest/globals";
import { countsOf } from "../../../dags/lib/load-counts.ts";

test("what a load took and neither stored, refused nor left out is a duplicate", () => {
  const row = { rows_in: "10", rows_out: "4", rows_rejected: "2", rows_filtered: "1" };
  expect(countsOf(row)).toEqual({
    rowsIn: 10,
    rowsOut: 4,
    rowsRejected: 2,
    rowsDuplicate: 3,
    rowsFiltered: 1,
  });
});

test("a load that tells of more rows than it took is an error, and no negative duplicate", () => {
  expect(() => countsOf({ rows_in: "3", rows_out: "4" })).toThrow("took 3 rows and counted 4");
});
