const dayMs = 86_400_000;

/** A day as the number of days since 1970, so that days can be added. */
export const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / dayMs;
export const dayText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);

/** The first day of the month that many months before the month of `day`. */
export function monthsBefore(day: number, months: number): number {
  const date = new Date(day * dayMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1) / dayMs;
}

export const firstOfMonth = (day: number): number => monthsBefore(day, 0);
export const lastOfMonth = (day: number): number => monthsBefore(day, -1) - 1;
