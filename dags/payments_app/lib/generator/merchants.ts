import { regions } from "../regions.ts";
import { scatter } from "./draw.ts";
import { at, type Rows } from "./people.ts";
import type { Scale } from "./scales.ts";

export interface Kind {
  readonly vertical: string;
  readonly subtype: string;
  readonly brands: readonly string[];
  /** Cents of a usual payment, from and to. */
  readonly check: readonly [number, number];
  /** Hundredths of a percent. */
  readonly fee: number;
  readonly product: string;
  /** How often it is paid at, against the others. */
  readonly weight: number;
}

/** The first chain earns by large baskets, the second by many small ones. */
export const kinds: readonly Kind[] = [
  {
    vertical: "auto",
    subtype: "auto_dealer",
    brands: ["Volga Motors", "Nord Auto"],
    check: [30_000, 220_000],
    fee: 90,
    product: "car_payment",
    weight: 3,
  },
  {
    vertical: "auto",
    subtype: "auto_service",
    brands: ["Nord Auto", "Fix Point"],
    check: [5_000, 40_000],
    fee: 180,
    product: "car_service",
    weight: 6,
  },
  {
    vertical: "auto",
    subtype: "auto_parts",
    brands: ["Parts Plus", "Fix Point"],
    check: [2_000, 20_000],
    fee: 220,
    product: "car_parts",
    weight: 7,
  },
  {
    vertical: "grocery",
    subtype: "grocery_chain",
    brands: ["Green Basket"],
    check: [6_000, 18_000],
    fee: 120,
    product: "groceries",
    weight: 14,
  },
  {
    vertical: "grocery",
    subtype: "grocery_chain",
    brands: ["Corner Fresh"],
    check: [500, 2_600],
    fee: 140,
    product: "groceries",
    weight: 34,
  },
  {
    vertical: "grocery",
    subtype: "grocery_single",
    brands: ["Farm Shop", "Bread House"],
    check: [400, 4_000],
    fee: 160,
    product: "groceries",
    weight: 20,
  },
  {
    vertical: "utilities",
    subtype: "utility",
    brands: ["City Heat"],
    check: [3_000, 12_000],
    fee: 60,
    product: "utilities",
    weight: 10,
  },
  {
    vertical: "telecom",
    subtype: "telecom",
    brands: ["Tele Bel"],
    check: [500, 3_000],
    fee: 110,
    product: "mobile_topup",
    weight: 6,
  },
];

const products = [
  ["groceries", "Groceries "],
  ["car_payment", "Payment for a car"],
  ["car_service", "Car\u00a0service"],
  ["car_parts", "Spare parts"],
  ["utilities", "Utilities"],
  ["mobile_topup", "Mobile top-up"],
] as const;

export const productRows = (updatedAt: string): Rows =>
  products.map(([code, name]) => [code, name, updatedAt]);

/** Chains of the reference that nobody has connected yet. */
export const isUnconnected = (merchant: number): boolean => merchant % 20 === 19;

export const kindOf = (merchant: number): Kind => at(kinds, merchant - 1);

export const merchantRows = ({ merchants, legalClients }: Scale): Rows =>
  Array.from({ length: merchants }, (_, index) => {
    const id = index + 1;
    const kind = kindOf(id);
    const brand = at(kind.brands, scatter(id, kind.brands.length));
    const region = at(regions, scatter(id, regions.length));
    const isChain = kind.subtype !== "grocery_single";
    const chain = isUnconnected(id) ? `Chain ${id}` : brand;
    return [
      id,
      (index % legalClients) + 1,
      `${brand} No. ${id}`,
      kind.vertical,
      kind.subtype,
      brand,
      isChain ? chain : null,
      `${at(region.cities, scatter(id + 1, 3))}, Pobedy avenue ${1 + scatter(id, 90)}`,
    ];
  });

/** A merchant of a vertical that does not exist; nobody pays there. */
export const strangeMerchant = ({ merchants }: Scale): readonly (string | number | null)[] => [
  merchants + 1,
  1,
  "Kiosk",
  "unknown",
  "other",
  null,
  null,
  "Minsk, Lesnaya 1",
];
