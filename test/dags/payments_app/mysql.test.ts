import { describe, expect, test } from "@jest/globals";
import daily from "../../../dags/payments_app/payments_dwh_daily.ts";
import { mariadbBinary, mariadbServer } from "../../helpers/mariadb-server.ts";
import { warehouse } from "./warehouse.ts";

const describeWithServer = mariadbBinary === undefined ? describe.skip : describe;

describeWithServer("the CRM on a real MariaDB (skipped where none is installed)", () => {
  test("by its connection alone, the same rows arrive as from the stand-in", async () => {
    await using server = await mariadbServer();
    await server.query(`
      create table crm.crm_company (id bigint, title varchar(90), unp varchar(9), industry varchar(30), updated_at datetime);
      create table crm.crm_contact (id bigint, name varchar(90), updated_at datetime);
      create table crm.crm_deal (id bigint, company_id bigint, stage varchar(30), amount decimal(18, 2), tariff_code varchar(30), opened_at datetime, closed_at datetime);
      create table crm.crm_lead (id bigint, channel varchar(30), created_at datetime);
      insert into crm.crm_company values (1, 'Company', '100', 'retail', '2024-03-01 21:00:00'), (2, 'Next day', '101', 'auto', '2024-03-02 21:00:00');
      insert into crm.crm_deal values (1, 1, 'won', 100.10, 'base', '2024-02-01 10:00:00', '2024-03-02 20:59:59');
      insert into crm.crm_lead values (1, 'organic', '2024-03-02 00:00:00');`);
    await using app = await warehouse();
    const extract = async () => {
      await app.query("truncate stage.crm_company, stage.crm_deal, stage.crm_lead");
      const others = ["extract_pg", "extract_oracle", "extract_files", "extract_nbrb"];
      const rest = [
        "validate",
        "geocode",
        "transform",
        "bi_",
        "ch_",
        "notify",
        "sense",
        "load_docx",
      ];
      await app.runWell(daily, { batchDt: "2024-03-02" }, [...others, ...rest]);
      return app.query(
        `select 'company' as what, id, title as text, updated_at as at from stage.crm_company
         union all select 'deal', id, amount, closed_at from stage.crm_deal
         union all select 'lead', id, channel, created_at from stage.crm_lead order by 1`,
      );
    };
    await app.insert("src_bitrix.crm_company", [
      { id: 1, title: "Company", updated_at: "2024-03-01T21:00:00Z" },
      { id: 2, title: "Next day", updated_at: "2024-03-02T21:00:00Z" },
    ]);
    await app.insert("src_bitrix.crm_deal", [
      {
        id: 1,
        amount: "100.10",
        opened_at: "2024-02-01T10:00:00Z",
        closed_at: "2024-03-02T20:59:59Z",
      },
    ]);
    await app.insert("src_bitrix.crm_lead", [
      { id: 1, channel: "organic", created_at: "2024-03-02T00:00:00Z" },
    ]);
    const emulated = await extract();
    app.connections["payments_bitrix"] = server.uri;
    const real = await extract();
    expect(real).toEqual(emulated);
    expect(real.map((row) => row["text"])).toEqual(["Company", "100.10", "organic"]);
  });
});
