export interface Item {
  readonly id: number;
  readonly name: string;
  /** In kopecks, so that amounts stay whole numbers. */
  readonly price: number;
}

const namesAndPrices: readonly (readonly [string, number])[] = [
  ["Молоко 1 %", 6_490],
  ["Молоко 3 %", 7_290],
  ["Молоко 5 %", 8_150],
  ["Сахар, 1 кг", 5_900],
  ["Соль, 1 кг", 2_400],
  ["Хлеб ржаной", 4_850],
  ["Масло сливочное", 18_990],
  ["Чай чёрный", 24_500],
  ["Кофе молотый", 45_900],
  ["Тетрадь, 48 листов", 3_750],
  ["Зонт складной", 129_000],
  ["Лампа светодиодная", 31_950],
];

/** What the shop sells; ids begin with 0. */
export const items: readonly Item[] = namesAndPrices.map(([name, price], id) => ({
  id,
  name,
  price,
}));

export const cities: readonly { readonly id: number; readonly name: string }[] = [
  { id: 1, name: "Москва" },
  { id: 2, name: "Ростов" },
  { id: 3, name: "Ярославль" },
];

export const firstNames: readonly string[] =
  "Анна Борис Вера Глеб Дарья Егор Жанна Захар Ирина Кирилл Лидия Максим Нина Олег Полина Роман Софья Тимур Ульяна Фёдор".split(
    " ",
  );

/** The last one is longer than the fifteen characters that the first dimension had room for. */
export const lastNames: readonly string[] =
  "Белых Черных Коваленко Шевченко Седых Долгих Бондаренко Ткаченко Кравченко Лысенко Руденко Савченко Мороз Гончар Мельник Коваль Ткач Бойко Лесных Константинопольская".split(
    " ",
  );

/** Kopecks as a decimal number with two places. */
export const decimal = (kopecks: number): string => {
  const digits = String(kopecks).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
