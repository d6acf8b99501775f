import { Random } from "../../../lib/random.ts";
import type { ClientRecord, LoanRecord, PaymentRecord } from "../records.ts";
import { generateClient } from "./generate-client.ts";
import { loanCount, loanName, loanOf, loanStart, paymentsOf } from "./generate-loan.ts";
import { riskOf } from "./risk.ts";

/** A client with all that is about him or her. */
export interface Person {
  readonly client: ClientRecord;
  readonly loans: readonly { readonly loan: LoanRecord; readonly payments: PaymentRecord[] }[];
}

export interface Era {
  /** Seed and pass: equal ones give equal people. */
  readonly seed: string;
  /** The earliest start of a loan, `YYYY-MM-DD`. */
  readonly startLoanDate: string;
  /** The end of all loans, `YYYY-MM-DD`. */
  readonly today: string;
}

/** One ordinary client; depends on nothing but the era and the id. */
export function generatePerson(clientId: number, { seed, startLoanDate, today }: Era): Person {
  const chance = new Random(`${seed}/client/${clientId}`);
  const client = generateClient(chance, clientId, today);
  const risk = riskOf(client, today);
  const taken = new Set<string>();
  const loans = Array.from({ length: loanCount(chance) }, () => {
    let name = loanName(chance);
    while (taken.has(name)) name = loanName(chance);
    taken.add(name);
    const loan = loanOf({
      clientId,
      loanName: name,
      amount: chance.integer(10_000, 1_000_000),
      start: loanStart(chance, startLoanDate, today),
      end: today,
    });
    return { loan, payments: paymentsOf(chance, loan, risk) };
  });
  return { client, loans };
}
