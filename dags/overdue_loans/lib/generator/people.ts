import type { Random } from "../../../lib/random.ts";

const surnames = [
  "Берёзов",
  "Вишняков",
  "Гречихин",
  "Дубравин",
  "Ёлкин",
  "Журавлёв",
  "Заречнов",
  "Ивнев",
  "Камышин",
  "Лугов",
  "Медовников",
  "Нивин",
  "Овражин",
  "Полянов",
  "Родников",
  "Снегов",
  "Травин",
  "Утёсов",
  "Холмов",
  "Щавелев",
] as const;
const names = {
  Мужчина: [
    "Арсений",
    "Богдан",
    "Вадим",
    "Глеб",
    "Денис",
    "Егор",
    "Захар",
    "Игнат",
    "Кирилл",
    "Лев",
    "Макар",
    "Назар",
  ],
  Женщина: [
    "Алина",
    "Вера",
    "Галина",
    "Дарья",
    "Ева",
    "Зоя",
    "Инна",
    "Клара",
    "Лидия",
    "Майя",
    "Нина",
    "Ольга",
  ],
} as const;
const fathers = ["Андре", "Евгень", "Матве", "Серге", "Тимофе", "Юрь", "Алексе"] as const;

/** Surname, name and the father's name, invented. */
export function fullName(chance: Random, gender: keyof typeof names): string {
  const isFemale = gender === "Женщина";
  const surname = `${chance.pick(surnames)}${isFemale ? "а" : ""}`;
  const father = chance.pick(fathers);
  return `${surname} ${chance.pick(names[gender])} ${father}${isFemale ? "евна" : "евич"}`;
}

export const cities = [
  "Москва",
  "Санкт-Петербург",
  "Казань",
  "Екатеринбург",
  "Новосибирск",
  "Самара",
] as const;

const streets = ["Лесная", "Речная", "Садовая", "Полевая", "Мельничная", "Озёрная"] as const;

export const address = (chance: Random): string =>
  `ул. ${chance.pick(streets)}, д. ${chance.integer(1, 120)}, кв. ${chance.integer(1, 300)}`;

export const phone = (chance: Random): string => {
  const digits = String(chance.integer(0, 999_999_999)).padStart(9, "0");
  return `+7 9${digits.slice(0, 2)} ${digits.slice(2, 5)}-${digits.slice(5, 7)}-${digits.slice(7)}`;
};
