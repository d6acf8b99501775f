/** Days as text `YYYY-MM-DD`, reckoned in UTC. */
const dayMs = 86_400_000;

const toDay = (text: string): number => Date.parse(text) / dayMs;
const toText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

export const addDays = (date: string, days: number): string => toText(toDay(date) + days);
export const daysBetween = (from: string, to: string): number => toDay(to) - toDay(from);

/** The same day of a later month, or its last one: 31 January and one month is 29 February in a leap year. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  const found = Date.UTC(year, month - 1 + months, Math.min(day, last));
  return new Date(found).toISOString().slice(0, 10);
}

/** How many times a month can be added without passing the second date. */
export function wholeMonths(from: string, to: string): number {
  const [fromYear = 0, fromMonth = 1] = from.split("-").map(Number);
  const [toYear = 0, toMonth = 1] = to.split("-").map(Number);
  const months = (toYear - fromYear) * 12 + toMonth - fromMonth;
  return addMonths(from, months) > to ? months - 1 : months;
}

/** The latest 31 January of a leap year that leaves at least a year before a date. */
export function lastLeapJanuary(today: string): string {
  let year = Number(addMonths(today, -11).slice(0, 4));
  const isLeap = (of: number) => new Date(Date.UTC(of, 2, 0)).getUTCDate() === 29;
  while (!isLeap(year) || `${year}-01-31` > addMonths(today, -11)) year -= 1;
  return `${year}-01-31`;
}
