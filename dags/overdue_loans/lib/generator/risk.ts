import type { ClientRecord } from "../records.ts";

const base = 0.1;
/** Added for each trait that is not known. */
const unknown = 0.05;
const gender = { Мужчина: 0.02, Женщина: 0.01 } as const;
const education = { Начальное: 0.06, Среднее: 0.04, Высшее: 0.02, "Два высших": 0.01 } as const;
const children = [0.01, 0.02, 0.03, 0.04, 0.05] as const;
const job = { Безработный: 0.1, ИП: 0.05, Самозанятый: 0.06, "Работает по найму": 0.02 } as const;
const family = { "В браке": 0.02, "Не в браке": 0.03 } as const;
const ages = [
  [25, 0.06],
  [35, 0.04],
  [45, 0.03],
  [60, 0.02],
] as const;
const oldest = 0.05;

const isUnknown = (value: unknown): boolean => value === null || value === "";

/**
 * How likely a client misbehaves with a payment, from 0 to 1.
 *
 * @param today The day on which the client's age is taken, `YYYY-MM-DD`.
 */
export function riskOf(client: ClientRecord, today: string): number {
  const age = Number(today.slice(0, 4)) - Number(client.birth_date.slice(0, 4));
  const optional = [
    client.count_of_children,
    client.region,
    client.family_status,
    client.address,
    client.phone,
  ];
  const status = client.family_status;
  const risk =
    base +
    gender[client.gender] +
    (ages.find(([limit]) => age <= limit)?.[1] ?? oldest) +
    education[client.education] +
    (client.count_of_children === null ? 0 : (children[client.count_of_children] ?? 0.05)) +
    job[client.job_type] +
    (status === null || status === "" ? 0 : family[status]) +
    unknown * optional.filter(isUnknown).length;
  return Math.min(1, Math.max(0, risk));
}
