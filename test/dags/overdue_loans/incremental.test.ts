import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type LoanHouse, loanHouse, type Part, record } from "./loans.ts";

let house: LoanHouse;

beforeAll(async () => {
  house = await loanHouse();
});
afterAll(async () => house[Symbol.asyncDispose]());

/** What may be said of a payment, and with which plan of its loan. */
const edit = fc.record({
  client: fc.integer({ min: 1, max: 3 }),
  number: fc.integer({ min: 1, max: 3 }),
  fact: fc.constantFrom("2024-01-09", "2024-01-10", "2024-01-11"),
  paid: fc.constantFrom(0, 9_000, 10_000, 11_000),
  income: fc.constantFrom(50_000, 60_000),
  passport: fc.integer({ min: 1, max: 4 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** Parts that each hold what the ones before hold, as the edits up to them leave it. */
function partsOf(steps: readonly (readonly Edit[])[]): Part[] {
  const clients = new Map<number, object>();
  const payments = new Map<string, object>();
  return steps.map((edits) => {
    for (const { client, number, fact, paid, income, passport } of edits) {
      const passportText = `45 10 00000${passport}`;
      clients.set(client, record.client(client, { income, passport: passportText }));
      const payment = { payment_fact_date: fact, paid_fact_amount: paid };
      payments.set(`${client}/${number}`, record.payment(client, "A", number, payment));
    }
    return {
      clients: [...clients.values()],
      loans: [...clients.keys()].map((id) => record.loan(id, "A")),
      payments: [...payments.values()],
    };
  });
}

/** What staging, core and mart would be, made from the layer below in one go. */
const rebuilt = `
  select p.client_id, p.loan_name, p.payment_number, p.paid_fact_amount, c.income,
    p.payment_fact_date > p.payment_date or p.paid_fact_amount < l.paid_amount as status
  from staging.payments p join staging.loans l using (client_id, loan_name)
  join staging.clients c using (client_id) order by 1, 2, 3`;
const incremental = `
  select client_id, loan_name, payment_number, paid_fact_amount, income, status
  from mart.data_mart order by 1, 2, 3`;

test("after random edits, parts in order with reloads between equal a full load, and the mart a rebuild", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 3 }),
      fc.array(fc.nat(2), { maxLength: 2 }),
      async (steps, reloads) => {
        const parts = partsOf(steps);
        await house.reset();
        for (const [index, part] of parts.entries()) await house.writePart(index + 1, part);
        await house.load({ all: true });
        const full = await house.checksums();
        expect(await house.query(incremental)).toEqual(await house.query(rebuilt));
        await house.reset();
        for (const [index, part] of parts.entries()) {
          await house.writePart(index + 1, part);
          await house.load({ part: index + 1 });
          // The same part once more, which others may follow.
          if (reloads.includes(index)) await house.load({ part: index + 1 });
        }
        expect(await house.checksums()).toEqual(full);
      },
    ),
    { numRuns: 8, seed: 42 },
  );
});
