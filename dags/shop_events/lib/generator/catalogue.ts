export interface Product {
  readonly productId: number;
  readonly name: string;
  readonly category: string;
  /** Hundredths of a dollar, so that totals stay exact. */
  readonly cents: number;
}

const product = (productId: number, name: string, category: string, cents: number): Product => ({
  productId,
  name,
  category,
  cents,
});

export const products: readonly Product[] = [
  product(1, "Fjordline Laptop 14", "electronics", 199_999),
  product(2, "Pebble Earbuds", "electronics", 5_990),
  product(3, "Harbour Raincoat", "clothing", 8_450),
  product(4, "Meadow Wool Socks", "clothing", 1_275),
  product(5, "The Quiet Lighthouse", "books", 1_499),
  product(6, "Copperleaf Kettle", "home", 4_620),
  product(7, "Driftwood Floor Lamp", "home", 13_900),
  product(8, "Summit Trail Shoes", "sports", 11_250),
  product(9, "Riverstone Yoga Mat", "sports", 3_380),
  product(10, "Amber Hand Cream", "beauty", 990),
  product(11, "Tumble Tower Blocks", "toys", 2_445),
  product(12, "Orchard Oat Bar", "food", 365),
  product(13, "Tidepool Silver Ring", "jewelry", 25_700),
  product(14, "Roadmate Tyre Pump", "automotive", 6_180),
];

/** The dearest one: the line above 10,000 is made of it. */
export const dearestProduct = products.reduce((a, b) => (b.cents > a.cents ? b : a));

export interface Campaign {
  readonly campaignId: string;
  readonly name: string;
  readonly channel: "email" | "social" | "search";
  /** Base cost of one of its events, in cents. */
  readonly cents: number;
}

export const campaigns: readonly Campaign[] = [
  { campaignId: "camp1", name: "Spring Tide", channel: "email", cents: 30_000 },
  { campaignId: "camp2", name: "Harvest Days", channel: "social", cents: 45_000 },
  { campaignId: "camp3", name: "Night Market", channel: "search", cents: 80_000 },
  { campaignId: "camp4", name: "First Snow", channel: "email", cents: 52_500 },
  { campaignId: "camp5", name: "Open Harbour", channel: "social", cents: 61_000 },
];

export const firstNames = [
  "Alba",
  "Bruno",
  "Cora",
  "Dario",
  "Elin",
  "Felix",
  "Greta",
  "Hugo",
  "Iris",
  "Jonas",
  "Kaja",
  "Leon",
  "Mira",
  "Nils",
  "Olga",
  "Pavel",
] as const;
export const lastNames = [
  "Ash",
  "Brook",
  "Cliff",
  "Dale",
  "Elm",
  "Field",
  "Grove",
  "Hill",
  "Lake",
  "Marsh",
  "Reed",
  "Stone",
  "Vale",
  "Wood",
] as const;
export const genders = ["male", "female", "other"] as const;
export const deviceTypes = ["mobile", "desktop", "tablet"] as const;
export const systems = ["iOS", "Android", "Windows", "Linux", "MacOS"] as const;
export const browsers = ["Chrome", "Firefox", "Safari", "Edge"] as const;

/** `12345` cents as `"123.45"`. */
export const money = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
