import { Random } from "../../../lib/random.ts";
import { dayNumber, dayText } from "./days.ts";
import type { Scale } from "./scales.ts";
import {
  descriptions,
  externalNames,
  firstNames,
  lastNames,
  namesOfType,
  ownTypes,
  streets,
  towns,
} from "./words.ts";

export const sourceNames = ["source1", "source2", "source3", "external_source"] as const;
export type SourceName = (typeof sourceNames)[number];

export interface Craftsman {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly birthday: string;
  readonly email: string;
}

export interface Customer {
  readonly id: number;
  readonly name: string | null;
  readonly address: string | null;
  readonly birthday: string | null;
  readonly email: string;
}

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly price: number;
}

/** Known to two sources by the same name and email, at different addresses. */
const sharedPerson = 7;
const firstBirthday = dayNumber("1945-01-01");
const lastBirthday = dayNumber("2004-12-31");

const person = (draw: Random, kind: string, source: SourceName, id: number) => {
  const first = draw.pick(firstNames);
  const last = draw.pick(lastNames);
  const address = `${draw.integer(1, 90)} ${draw.pick(streets)}, ${draw.pick(towns)}`;
  const birthday = dayText(draw.integer(firstBirthday, lastBirthday));
  const email = `${kind}${id}.${source.replace("_source", "")}@example.com`;
  return { id, name: `${first} ${last}`, address, birthday, email };
};

/** A craftsman of a source: the same one for the same seed, source and id. */
export const craftsmanOf = (seed: number, source: SourceName, id: number): Craftsman =>
  person(new Random(`${seed}/craftsman/${source}/${id}`), "maker", source, id);

/** What a customer of the last places has that a source allows and a warehouse must live with. */
const oddities = (source: SourceName, id: number, scale: Scale): Partial<Customer> => {
  const odd: Readonly<Record<number, Partial<Customer>>> = {
    [scale.customers - 1]: { name: null },
    [scale.customers - 2]: source === "source2" ? {} : { address: null },
    [scale.customers - 3]: { birthday: null },
    [scale.customers - 4]: { address: "" },
    [sharedPerson]: { name: "Noor Demir", email: "noor.demir@example.com", birthday: "1988-03-14" },
  };
  const isShared = source === "source3" || source === "external_source";
  return id === sharedPerson && !isShared ? {} : (odd[id] ?? {});
};

export const customerOf = (
  seed: number,
  source: SourceName,
  id: number,
  scale: Scale,
): Customer => ({
  ...person(new Random(`${seed}/customer/${source}/${id}`), "buyer", source, id),
  ...oddities(source, id, scale),
});

/** Every tenth product has a new price in the second half of the history, every twenty-fifth a new type. */
export function productOf(
  seed: number,
  source: SourceName,
  id: number,
  isSecondHalf: boolean,
): Product {
  const draw = new Random(`${seed}/product/${source}/${id}`);
  const type = draw.pick(ownTypes);
  const isExternal = source === "external_source";
  const text = descriptions[id % descriptions.length] ?? "";
  const price = draw.integer(1, 450);
  // The second source keeps one row for each product: what changes there changes for all of its orders.
  const canChange = isSecondHalf && source !== "source2";
  const laterType = canChange && id % 25 === 1 ? "Beverages" : type;
  return {
    id,
    name: isExternal ? draw.pick(externalNames) : draw.pick(namesOfType(type)),
    description: text === "" ? "" : `${text} No. ${id}`,
    type: isExternal ? "other" : laterType,
    price: canChange && id % 10 === 0 ? price + 49 : price,
  };
}
