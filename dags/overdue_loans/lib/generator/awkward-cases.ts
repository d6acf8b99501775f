import { Random } from "../../../lib/random.ts";
import type { ClientRecord, PaymentRecord, Revision } from "../records.ts";
import { addDays, addMonths, lastLeapJanuary } from "./calendar.ts";
import { loanOf, paymentsOf } from "./generate-loan.ts";
import type { Era, Person } from "./generate-person.ts";

/** Who is who among the clients of a pass. */
export interface Cast {
  /** Id of the first client. */
  readonly first: number;
  readonly last: number;
}

/** So few clients cannot hold all cases. */
const fewest = 5;

const loanNames = {
  old: "OLD-00001",
  ends: "END-00001",
  shared: "TWO-00001",
  ended: "OUT-00001",
  single: "ONE-00001",
  late: "NEW-00001",
} as const;

type Change = (payment: PaymentRecord) => Partial<PaymentRecord>;

/** Payments of the first client's loan whose planned dates are ends of months, by number. */
const monthEnds: Readonly<Record<number, Change>> = {
  1: ({ payment_date }) => ({ payment_fact_date: payment_date }),
  2: ({ payment_date, paid_fact_amount }) => ({
    payment_fact_date: payment_date,
    paid_fact_amount: paid_fact_amount + 1_000,
  }),
  3: () => ({ paid_fact_amount: 0 }),
  4: ({ payment_date, paid_fact_amount }) => ({
    payment_fact_date: addDays(payment_date, 6),
    paid_fact_amount: paid_fact_amount - 500,
  }),
  5: ({ payment_date }) => ({ payment_fact_date: addDays(payment_date, 3) }),
};

/** A payment that is made twelve days late: a notice of its seventh day may have helped. */
const paidAfterNotice: Readonly<Record<number, Change>> = {
  17: ({ payment_date }) => ({ payment_fact_date: addDays(payment_date, 12) }),
};

const changed = (payments: readonly PaymentRecord[], changes: Readonly<Record<number, Change>>) =>
  payments.map((payment) => ({ ...payment, ...changes[payment.payment_number]?.(payment) }));

interface Extra {
  readonly name: string;
  readonly amount: number;
  readonly start: string;
  readonly end?: string;
  readonly changes?: Readonly<Record<number, Change>>;
}

/** A loan that is paid on time and in full, but for the changes. */
function extraLoan({ client }: Person, { seed, today, startLoanDate }: Era, extra: Extra) {
  const loan = loanOf({
    clientId: client.client_id,
    loanName: extra.name,
    amount: extra.amount,
    start: extra.start < startLoanDate ? startLoanDate : extra.start,
    end: extra.end ?? today,
  });
  const chance = new Random(`${seed}/extra/${client.client_id}/${extra.name}`);
  return { loan, payments: changed(paymentsOf(chance, loan, 0), extra.changes ?? {}) };
}

const withLoans = (person: Person, loans: Person["loans"], client: Partial<ClientRecord> = {}) => ({
  client: { ...person.client, ...client },
  loans,
});

/** Loans that start with the era, so that the client is in the first part, and in a leap year's January. */
const first = (person: Person, era: Era): Person =>
  withLoans(
    person,
    [
      extraLoan(person, era, { name: loanNames.old, amount: 240_000, start: era.startLoanDate }),
      extraLoan(person, era, {
        name: loanNames.ends,
        amount: 500_000,
        start: lastLeapJanuary(era.today),
        changes: monthEnds,
      }),
      extraLoan(person, era, {
        name: loanNames.shared,
        amount: 49_999,
        start: addMonths(era.today, -20),
        changes: paidAfterNotice,
      }),
      ...person.loans,
    ],
    { region: "Казань", address: "ул. Новая, д. 1", job_type: "ИП", income: 120_000 },
  );

const second = (person: Person, era: Era): Person =>
  withLoans(
    person,
    [
      extraLoan(person, era, {
        name: loanNames.shared,
        amount: 100_000,
        start: addMonths(era.today, -30),
      }),
      ...person.loans,
    ],
    { address: "ул. \"Лесная\",\nд. 2, кв. '5'" },
  );

const third = (person: Person, era: Era): Person =>
  withLoans(
    person,
    [
      extraLoan(person, era, {
        name: loanNames.ended,
        amount: 60_000,
        start: addMonths(era.today, -14),
        end: addMonths(era.today, -2),
        changes: { 11: () => ({ paid_fact_amount: 0 }), 12: () => ({ paid_fact_amount: 0 }) },
      }),
      ...person.loans,
    ],
    { region: "", family_status: "", address: "", phone: "" },
  );

const fourth = (person: Person, era: Era): Person =>
  withLoans(
    person,
    [
      extraLoan(person, era, {
        name: loanNames.single,
        amount: 50_000,
        start: addDays(era.today, -5),
      }),
      ...person.loans,
    ],
    { count_of_children: null, region: null, family_status: null, address: null, phone: null },
  );

/** Has the passport of the first client, and comes after him or her: in the last part. */
const last = (person: Person, era: Era, passport: string): Person =>
  withLoans(
    person,
    [
      extraLoan(person, era, {
        name: loanNames.late,
        amount: 75_000,
        start: addDays(era.today, -3),
      }),
    ],
    { passport },
  );

/**
 * Some clients of each pass are made to show what is rare: ends of months, equal dates, a payment of nothing, one late
 * and short, amounts on the bounds of buckets, empty and missing fields, a passport that returns.
 */
export function withAwkwardCases(
  person: Person,
  era: Era,
  { cast, passportOfFirst }: { readonly cast: Cast; readonly passportOfFirst: string },
): Person {
  const place = person.client.client_id - cast.first + 1;
  const isLast = person.client.client_id === cast.last && cast.last - cast.first + 1 >= fewest;
  if (isLast) return last(person, era, passportOfFirst);
  const cases = [first, second, third, fourth];
  return cases[place - 1]?.(person, era) ?? person;
}

/** What the deliveries before the last one say of the first client and of a payment. */
export const revisionsOf = (clientId: number): readonly Revision[] => [
  {
    entity: "clients",
    client_id: clientId,
    earlier: { address: "ул. Старая, д. 9", job_type: "Безработный", income: 25_000 },
  },
  {
    entity: "payments",
    client_id: clientId,
    loan_name: loanNames.old,
    payment_number: 2,
    earlier: { paid_fact_amount: 1 },
  },
];
