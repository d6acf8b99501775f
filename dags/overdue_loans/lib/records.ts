/** The files of one delivery, in the order of their references. */
export const entities = ["clients", "loans", "payments"] as const;
export type Entity = (typeof entities)[number];

export const genders = ["Мужчина", "Женщина"] as const;
export const educations = ["Начальное", "Среднее", "Высшее", "Два высших"] as const;
export const employments = ["Безработный", "ИП", "Самозанятый", "Работает по найму"] as const;
export const maritals = ["В браке", "Не в браке"] as const;

export interface ClientRecord {
  readonly client_id: number;
  readonly fio: string;
  /** `NN NN NNNNNN` */
  readonly passport: string;
  readonly gender: (typeof genders)[number];
  readonly birth_date: string;
  readonly education: (typeof educations)[number];
  readonly count_of_children: number | null;
  readonly job_type: (typeof employments)[number];
  readonly region: string | null;
  readonly family_status: (typeof maritals)[number] | "" | null;
  readonly address: string | null;
  readonly phone: string | null;
  readonly income: number;
}

export interface LoanRecord {
  readonly client_id: number;
  /** `ABC-12345` */
  readonly loan_name: string;
  readonly loan_amount: number;
  readonly loan_start_date: string;
  readonly loan_end_date: string;
  readonly payment_numbers: number;
  /** What each payment is planned to be. */
  readonly paid_amount: number;
}

export interface PaymentRecord {
  readonly client_id: number;
  readonly loan_name: string;
  readonly payment_number: number;
  readonly payment_date: string;
  readonly payment_fact_date: string;
  readonly paid_fact_amount: number;
}

/** What an earlier delivery said of a record that was corrected later. */
export type Revision =
  | {
      readonly entity: "clients";
      readonly client_id: number;
      readonly earlier: Partial<ClientRecord>;
    }
  | {
      readonly entity: "payments";
      readonly client_id: number;
      readonly loan_name: string;
      readonly payment_number: number;
      readonly earlier: Partial<PaymentRecord>;
    };
