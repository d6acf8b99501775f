import {
  day,
  filledText,
  oneOf,
  optional,
  optionalNotEmpty,
  passport,
  type ReadField,
  text,
  whole,
} from "./record-fields.ts";
import { educations, employments, type Entity, genders, maritals } from "./records.ts";

const maxInt = 2_147_483_647;
const maxSmallint = 32_767;
const id = whole(1, maxInt);

/** The columns of a record, in the order in which they are copied, and how each is read. */
export const recordColumns: Readonly<Record<Entity, Readonly<Record<string, ReadField>>>> = {
  clients: {
    client_id: id,
    fio: filledText,
    passport,
    gender: oneOf(genders),
    birth_date: day,
    education: oneOf(educations),
    count_of_children: optionalNotEmpty(whole(0, maxSmallint)),
    job_type: oneOf(employments),
    region: optional(text),
    family_status: optionalNotEmpty(oneOf(maritals)),
    address: optional(text),
    phone: optional(text),
    income: whole(0, maxInt),
  },
  loans: {
    client_id: id,
    loan_name: filledText,
    loan_amount: whole(1, maxInt),
    loan_start_date: day,
    loan_end_date: day,
    payment_numbers: whole(1, maxSmallint),
    paid_amount: whole(0, maxInt),
  },
  payments: {
    client_id: id,
    loan_name: filledText,
    payment_number: whole(1, maxSmallint),
    payment_date: day,
    payment_fact_date: day,
    paid_fact_amount: whole(0, maxInt),
  },
};
