export interface Region {
  readonly name: string;
  readonly cities: readonly string[];
  /** South, north, west, east, in degrees. */
  readonly box: readonly [number, number, number, number];
}

const country: Region["box"] = [51.3, 56.2, 23.2, 32.8];

/** The regions of Belarus with the cities that tell them. */
export const regions: readonly Region[] = [
  { name: "Minsk", cities: ["Minsk"], box: [53.83, 53.97, 27.4, 27.7] },
  {
    name: "Minsk region",
    cities: ["Borisov", "Soligorsk", "Molodechno"],
    box: [52.6, 55.0, 26.0, 29.5],
  },
  {
    name: "Brest region",
    cities: ["Brest", "Pinsk", "Baranovichi"],
    box: [51.5, 53.3, 23.2, 27.6],
  },
  {
    name: "Vitebsk region",
    cities: ["Vitebsk", "Polotsk", "Orsha"],
    box: [54.3, 56.1, 26.6, 31.0],
  },
  { name: "Gomel region", cities: ["Gomel", "Mozyr", "Rechitsa"], box: [51.3, 53.3, 27.3, 31.8] },
  { name: "Grodno region", cities: ["Grodno", "Lida", "Slonim"], box: [52.9, 55.0, 23.5, 26.8] },
  {
    name: "Mogilev region",
    cities: ["Mogilev", "Bobruisk", "Gorki"],
    box: [52.7, 54.5, 28.6, 32.7],
  },
];

/** The region and the city that an address names; the whole country for one that names none. */
export function placeOf(address: string): {
  readonly region: string | null;
  readonly city: string | null;
  readonly box: Region["box"];
} {
  const words = new Set(address.toLowerCase().split(/[^\p{L}]+/u));
  for (const { name, cities, box } of regions) {
    const city = cities.find((candidate) => words.has(candidate.toLowerCase()));
    if (city !== undefined) return { region: name, city, box };
  }
  return { region: null, city: null, box: country };
}
