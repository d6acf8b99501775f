import type { Random } from "../../../lib/random.ts";
import type { LoanRecord, PaymentRecord } from "../records.ts";
import { addDays, addMonths, daysBetween, wholeMonths } from "./calendar.ts";

export interface LoanPlan {
  readonly clientId: number;
  readonly loanName: string;
  readonly amount: number;
  /** The first planned payment, `YYYY-MM-DD`. */
  readonly start: string;
  readonly end: string;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const loanName = (chance: Random): string => {
  const letter = () => letters[chance.integer(0, letters.length - 1)] ?? "A";
  const digits = String(chance.integer(0, 99_999)).padStart(5, "0");
  return `${letter()}${letter()}${letter()}-${digits}`;
};

/** One to five, mostly one. */
export const loanCount = (chance: Random): number =>
  Number(
    chance.weighted([
      ["1", 0.7],
      ["2", 0.15],
      ["3", 0.1],
      ["4", 0.04],
      ["5", 0.01],
    ]),
  );

export const loanStart = (chance: Random, from: string, to: string): string =>
  addDays(from, chance.integer(0, Math.max(0, daysBetween(from, to))));

/** One payment a month from the start, the last one not after the end. */
export function loanOf({ clientId, loanName: name, amount, start, end }: LoanPlan): LoanRecord {
  const payments = wholeMonths(start, end) + 1;
  return {
    client_id: clientId,
    loan_name: name,
    loan_amount: amount,
    loan_start_date: start,
    loan_end_date: end,
    payment_numbers: payments,
    paid_amount: Math.round(amount / payments),
  };
}

/** Above it, a client misbehaves with payments as often as the risk says. */
const riskyAbove = 0.3;

/**
 * The payments of a loan. Who pays all of them in full has paid the loan: the last payment takes the remainder of the
 * rounded ones.
 */
export function paymentsOf(chance: Random, loan: LoanRecord, risk: number): PaymentRecord[] {
  return Array.from({ length: loan.payment_numbers }, (_, index) => {
    const planned = addMonths(loan.loan_start_date, index);
    const isLast = index === loan.payment_numbers - 1;
    const rest = loan.loan_amount - loan.paid_amount * loan.payment_numbers;
    const full = loan.paid_amount + (isLast ? Math.max(0, rest) : 0);
    const misbehaves = risk > riskyAbove && chance.chance(risk);
    const isShort = misbehaves && chance.chance(0.5);
    const isLate = misbehaves && !isShort;
    return {
      client_id: loan.client_id,
      loan_name: loan.loan_name,
      payment_number: index + 1,
      payment_date: planned,
      payment_fact_date: addDays(planned, isLate ? chance.integer(1, 30) : -chance.integer(0, 20)),
      paid_fact_amount: isShort ? full - chance.integer(1, full) : full,
    };
  });
}
