export interface City {
  readonly city: string;
  readonly country: string;
  readonly lat: number;
  readonly lon: number;
}

/** `city|country|latitude|longitude`: what stands in for a geocoder when none can be asked. */
const list = `
Reykjavik|Iceland|64.15|-21.94
Oslo|Norway|59.91|10.75
Stockholm|Sweden|59.33|18.07
Helsinki|Finland|60.17|24.94
Copenhagen|Denmark|55.68|12.57
Dublin|Ireland|53.35|-6.26
London|United Kingdom|51.51|-0.13
Edinburgh|United Kingdom|55.95|-3.19
Paris|France|48.86|2.35
Lyon|France|45.76|4.84
Madrid|Spain|40.42|-3.70
Seville|Spain|37.39|-5.98
Lisbon|Portugal|38.72|-9.14
Rome|Italy|41.90|12.50
Milan|Italy|45.46|9.19
Athens|Greece|37.98|23.73
Berlin|Germany|52.52|13.41
Munich|Germany|48.14|11.58
Vienna|Austria|48.21|16.37
Zurich|Switzerland|47.38|8.54
Brussels|Belgium|50.85|4.35
Amsterdam|Netherlands|52.37|4.90
Warsaw|Poland|52.23|21.01
Prague|Czechia|50.08|14.44
Budapest|Hungary|47.50|19.04
Bucharest|Romania|44.43|26.10
Sofia|Bulgaria|42.70|23.32
Belgrade|Serbia|44.79|20.45
Vilnius|Lithuania|54.69|25.28
Riga|Latvia|56.95|24.11
Tallinn|Estonia|59.44|24.75
Minsk|Belarus|53.90|27.57
Kyiv|Ukraine|50.45|30.52
Moscow|Russia|55.76|37.62
Novosibirsk|Russia|55.03|82.92
Yakutsk|Russia|62.03|129.73
Vladivostok|Russia|43.12|131.89
Istanbul|Turkey|41.01|28.98
Ankara|Turkey|39.93|32.86
Tbilisi|Georgia|41.72|44.83
Almaty|Kazakhstan|43.24|76.89
Tashkent|Uzbekistan|41.30|69.24
Tehran|Iran|35.69|51.39
Baghdad|Iraq|33.31|44.37
Riyadh|Saudi Arabia|24.71|46.68
Dubai|United Arab Emirates|25.20|55.27
Jerusalem|Israel|31.77|35.22
Cairo|Egypt|30.04|31.24
Tripoli|Libya|32.89|13.19
Tunis|Tunisia|36.81|10.18
Algiers|Algeria|36.75|3.06
Casablanca|Morocco|33.57|-7.59
Dakar|Senegal|14.72|-17.47
Accra|Ghana|5.60|-0.19
Lagos|Nigeria|6.52|3.38
Kinshasa|DR Congo|-4.44|15.27
Luanda|Angola|-8.84|13.23
Nairobi|Kenya|-1.29|36.82
Addis Ababa|Ethiopia|9.03|38.74
Khartoum|Sudan|15.50|32.56
Johannesburg|South Africa|-26.20|28.05
Cape Town|South Africa|-33.92|18.42
Antananarivo|Madagascar|-18.88|47.51
Karachi|Pakistan|24.86|67.00
Delhi|India|28.61|77.21
Mumbai|India|19.08|72.88
Bengaluru|India|12.97|77.59
Colombo|Sri Lanka|6.93|79.86
Dhaka|Bangladesh|23.81|90.41
Kathmandu|Nepal|27.72|85.32
Bangkok|Thailand|13.76|100.50
Hanoi|Vietnam|21.03|105.85
Singapore|Singapore|1.35|103.82
Jakarta|Indonesia|-6.21|106.85
Manila|Philippines|14.60|120.98
Hong Kong|China|22.32|114.17
Shanghai|China|31.23|121.47
Beijing|China|39.90|116.41
Chengdu|China|30.57|104.07
Urumqi|China|43.83|87.62
Ulaanbaatar|Mongolia|47.89|106.91
Seoul|South Korea|37.57|126.98
Tokyo|Japan|35.68|139.69
Sapporo|Japan|43.06|141.35
Perth|Australia|-31.95|115.86
Sydney|Australia|-33.87|151.21
Darwin|Australia|-12.46|130.84
Auckland|New Zealand|-36.85|174.76
Suva|Fiji|-18.12|178.45
Honolulu|United States|21.31|-157.86
Anchorage|United States|61.22|-149.90
Seattle|United States|47.61|-122.33
San Francisco|United States|37.77|-122.42
Denver|United States|39.74|-104.99
Chicago|United States|41.88|-87.63
New York|United States|40.71|-74.01
Miami|United States|25.76|-80.19
Vancouver|Canada|49.28|-123.12
Winnipeg|Canada|49.90|-97.14
Montreal|Canada|45.50|-73.57
Nuuk|Greenland|64.18|-51.72
Mexico City|Mexico|19.43|-99.13
Havana|Cuba|23.11|-82.37
Bogota|Colombia|4.71|-74.07
Lima|Peru|-12.05|-77.04
Manaus|Brazil|-3.12|-60.02
Sao Paulo|Brazil|-23.55|-46.63
Buenos Aires|Argentina|-34.60|-58.38
Santiago|Chile|-33.45|-70.67
Ushuaia|Argentina|-54.80|-68.30
`;

export const cities: readonly City[] = list
  .trim()
  .split("\n")
  .map((line) => {
    const [city = "", country = "", lat = "", lon = ""] = line.split("|");
    return { city, country, lat: Number(lat), lon: Number(lon) };
  });

const radians = Math.PI / 180;

/** Square of a distance that is right enough to rank by: longitudes shrink with the cosine of the latitude. */
function distance(from: City, lat: number, lon: number): number {
  const dLat = from.lat - lat;
  const direct = Math.abs(from.lon - lon);
  const dLon = Math.min(direct, 360 - direct) * Math.cos(lat * radians);
  return dLat * dLat + dLon * dLon;
}

/** The city of the list that is nearest to a point; nothing south of the 66th parallel but Antarctica. */
export function nearestCity(lat: number, lon: number): { city: string; country: string } {
  if (lat < -66) return { city: "Antarctica", country: "Antarctica" };
  let best: City | undefined;
  let bestDistance = Infinity;
  for (const candidate of cities) {
    const found = distance(candidate, lat, lon);
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return { city: best?.city ?? "Unknown", country: best?.country ?? "Unknown" };
}
