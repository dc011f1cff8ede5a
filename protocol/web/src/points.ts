/**
 * Points as a person types them and as the protocol holds them: hundredths, whole numbers.
 * Everything here works on the digits themselves; a float never appears.
 */

export type PointsFault = "form" | "places" | "range" | "step";

export interface Item {
  readonly max_centi: number;
  readonly step_centi: number;
}

export type Read = { readonly centi: number } | { readonly fault: PointsFault };

/**
 * Reads points typed for one item: `7.5` gives 750.
 *
 * Full-width digits and the Chinese full stop of an input method are taken as what they mean.
 * Refused, each with its fault: anything that is no number, more than two decimals, out of
 * 0 to the item's maximum, and what is no multiple of the item's step.
 */
export function readPoints(typed: string, item: Item): Read {
  const text = typed
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/[\u3002\uff0e]/g, ".");
  const parts = /^(-?)(\d{1,9})(?:\.(\d*))?$|^(-?)\.(\d+)$/.exec(text);
  if (parts === null) return { fault: "form" };
  const whole = parts[2] ?? "0";
  const decimals = (parts[3] ?? parts[5] ?? "").replace(/0+$/, "");
  if (decimals.length > 2) return { fault: "places" };
  const centi = Number.parseInt(whole, 10) * 100 + Number.parseInt(decimals.padEnd(2, "0"), 10);
  if (((parts[1] ?? "") || (parts[4] ?? "")) !== "" && centi !== 0) return { fault: "range" };
  if (centi > item.max_centi) return { fault: "range" };
  if (centi % item.step_centi !== 0) return { fault: "step" };
  return { centi };
}

/** Hundredths without needless zeros: 3450 is `34.5`, 400 is `4`. */
export function writePoints(centi: number): string {
  const [whole, rest] = split(centi);
  return `${centi < 0 ? "-" : ""}${whole}${rest === "00" ? "" : `.${rest.replace(/0$/, "")}`}`;
}

/** Hundredths with two decimals, for columns: 3450 is `34.50`. */
export function writeCenti(centi: number): string {
  const [whole, rest] = split(centi);
  return `${centi < 0 ? "-" : ""}${whole}.${rest}`;
}

function split(centi: number): [string, string] {
  const digits = String(Math.abs(centi)).padStart(3, "0");
  return [digits.slice(0, -2), digits.slice(-2)];
}
