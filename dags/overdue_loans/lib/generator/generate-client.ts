import type { Random } from "../../../lib/random.ts";
import type { ClientRecord } from "../records.ts";
import { addDays } from "./calendar.ts";
import { address, cities, fullName, phone } from "./people.ts";

const ages = [
  ["18-25", 0.15],
  ["26-35", 0.3],
  ["36-45", 0.25],
  ["46-60", 0.2],
  ["61-75", 0.1],
] as const;
const children = [
  ["0", 0.5],
  ["1", 0.25],
  ["2", 0.15],
  ["3", 0.07],
  ["4", 0.03],
] as const;
const chanceOfNull = 0.2;

/** Coprime with the numbers that there are, so that no two clients share one. */
const passportStep = 738_923;

const passportOf = (clientId: number): string => {
  const series = String(10 + Math.floor(clientId / 1_000_000)).padStart(2, "0");
  const number = (clientId * passportStep) % 1_000_000;
  return `45 ${series} ${String(number).padStart(6, "0")}`;
};

function birthDate(chance: Random, today: string): string {
  const [from = 18, to = 25] = chance.weighted(ages).split("-").map(Number);
  return addDays(today, -Math.floor((chance.integer(from, to) + chance.fraction()) * 365.25));
}

const optional = <T>(chance: Random, value: T): T | null =>
  chance.chance(chanceOfNull) ? null : value;

/**
 * One client.
 *
 * @param today The day on which the ages hold, `YYYY-MM-DD`.
 */
export function generateClient(chance: Random, clientId: number, today: string): ClientRecord {
  const gender = chance.weighted([
    ["Мужчина", 0.48],
    ["Женщина", 0.52],
  ]);
  return {
    client_id: clientId,
    fio: fullName(chance, gender),
    passport: passportOf(clientId),
    gender,
    birth_date: birthDate(chance, today),
    education: chance.weighted([
      ["Начальное", 0.05],
      ["Среднее", 0.4],
      ["Высшее", 0.45],
      ["Два высших", 0.1],
    ]),
    count_of_children: optional(chance, Number(chance.weighted(children))),
    job_type: chance.weighted([
      ["Работает по найму", 0.6],
      ["ИП", 0.15],
      ["Самозанятый", 0.15],
      ["Безработный", 0.1],
    ]),
    region: optional(chance, chance.pick(cities)),
    family_status: optional(chance, chance.chance(0.55) ? "В браке" : "Не в браке"),
    address: optional(chance, address(chance)),
    phone: optional(chance, phone(chance)),
    income: chance.integer(20_000, 300_000),
  };
}
