export const firstNames = [
  "Ada",
  "Björn",
  "Chloé",
  "Dario",
  "Elif",
  "Fedor",
  "Greta",
  "Hana",
  "Ivo",
  "Jana",
  "Karim",
  "Lena",
  "Milan",
  "Nadia",
  "Otto",
  "Petra",
  "Quinn",
  "Rosa",
  "Sven",
  "Talia",
] as const;
export const lastNames = [
  "Aalto",
  "Berg",
  "Costa",
  "Dvořák",
  "Eriksen",
  "Falk",
  "Gruber",
  "Holm",
  "Ilves",
  "Jansen",
  "Kovač",
  "Lind",
  "Moreau",
  "Novak",
  "O'Hara",
  "Puig",
  "Quist",
  "Rossi",
  "Šimek",
  "Toth",
  "Unger",
  "Vega",
  "Weiss",
  "Yilmaz",
  "Zeman",
] as const;
export const streets = [
  "Harbour Road",
  "Mill Lane",
  "Church Street",
  "Long Row",
  "Quay, North",
] as const;
export const towns = ["Riga", "Malmö", "Porto", "Gdańsk", "Tartu", "Bilbao"] as const;

export const ownTypes = [
  "clothes",
  "Beauty & Hygiene",
  "Foodgrains, Oil & Masala",
  "Beverages",
] as const;
const ownNames: Readonly<Record<(typeof ownTypes)[number], readonly string[]>> = {
  clothes: ["linen shirt", "wool scarf", "felt slippers", "knitted cap"],
  "Beauty & Hygiene": ["oat soap", "beeswax balm", "lavender oil", "clay mask"],
  "Foodgrains, Oil & Masala": ["rye flour", "hempseed oil", "curry blend", "buckwheat honey"],
  Beverages: ["birch juice", "herb tea", "apple cider", "roasted chicory"],
};
export const namesOfType = (type: (typeof ownTypes)[number]): readonly string[] => ownNames[type];

export const externalNames = [
  "ceramic vase",
  "wooden sculpture",
  "glass pendant",
  "woven basket",
  "leather purse",
  "paper lantern",
  "silver ring",
  "carved spoon",
  "painted tile",
  "wicker chair",
] as const;

/** Texts as people write them; an empty one is a description too. */
export const descriptions = [
  "Made by hand, one at a time.",
  "First line\nsecond line",
  'The "original" pattern',
  "Blue, green, and grey",
  "Größe nach Wunsch, naïve Muster, цветной узор",
  "",
  "C:\\craft\\pattern\tA4",
] as const;
