import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { testContext } from "@tidemill/dag-core/testing";
import { checkMarts, checkStar } from "../../../dags/craft_market/lib/checks.ts";
import { customerA } from "./golden-case.ts";
import { type Market, market } from "./market.ts";

let dwh: Market;
beforeAll(async () => {
  dwh = await market();
});
beforeEach(() => dwh.empty());
afterAll(async () => {
  await dwh[Symbol.asyncDispose]();
});

describe("checks", () => {
  const check = async (of: typeof checkStar) => {
    await using ctx = testContext({ connections: dwh.connections });
    return await of(ctx);
  };

  test("an order that is neither fact nor reject stops the run", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("delete from dwh.f_order where order_created_date = '2024-02-01'");
    await expect(check(checkStar)).rejects.toThrow(/"staged orders are facts"/);
  });

  test("staging that a crash has emptied stops the run", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("truncate staging.tmp_sources, staging.tmp_sources_fact");
    await expect(check(checkStar)).rejects.toThrow(/"staging is filled" found no row/);
  });

  test("a reject that was lost stops the run", async () => {
    await dwh.give(...customerA, { id: 5, product_price: 0 });
    await dwh.load();
    await dwh.query("delete from dq.rejected_rows");
    await expect(check(checkStar)).rejects.toThrow(/"staged orders = facts \+ rejects"/);
  });

  test("an order that its source took back is a warning, and stays", async () => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query("delete from source1.craft_market_wide where id = 4");
    await dwh.load();
    expect(await check(checkStar)).toEqual({ passed: 4, failed: ["a source tells every fact"] });
    expect(await dwh.months("count_order")).toHaveLength(2);
  });

  test.each([
    ["orders by status add up", "count_order_done = count_order_done + 1"],
    ["marts equal the facts", "customer_money = customer_money + 0.01"],
  ])("a mart where not all %s stops the run", async (name, change) => {
    await dwh.give(...customerA);
    await dwh.load();
    await dwh.query(`update dwh.customer_report_datamart set ${change}`);
    await expect(check(checkMarts)).rejects.toThrow(`"${name}"`);
  });
});
