/**
 * Amounts in words (大写), as they are read out at an opening; exact, from the decimal text.
 * Source: 票据法 8; 支付结算办法 附一 (正确填写票据和结算凭证的基本规定).
 */

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];
/** How many fen one of a lot's unit is; other units have no words. */
const FEN: Readonly<Record<string, bigint>> = { 元: 100n, 千元: 100_000n, 万元: 1_000_000n, 百万元: 100_000_000n, 亿元: 10_000_000_000n };
const AMOUNT_FEN_MAX = 10n ** 18n;

/** The amount in fen of a price in a lot's unit; null where it is none, or not a whole number of fen. */
export function fenOf(price: string, unit: string): bigint | null {
  const one = FEN[unit];
  const parts = /^(\d+)(?:\.(\d{1,9}))?$/.exec(price);
  if (one === undefined || parts === null) return null;
  const rest = parts[2] ?? "";
  const scaled = BigInt((parts[1] ?? "") + rest) * one;
  const scale = 10n ** BigInt(rest.length);
  return scaled % scale === 0n && scaled / scale < AMOUNT_FEN_MAX ? scaled / scale : null;
}

/** 肆仟伍佰贰拾捌万陆仟元整; null where the price has no words. */
export function inWords(price: string, unit: string): string | null {
  const fen = fenOf(price, unit);
  if (fen === null) return null;
  const [yuan, jiao, last] = [fen / 100n, Number((fen / 10n) % 10n), Number(fen % 10n)];
  const whole = yuan === 0n ? "" : `${wholeInWords(yuan)}元`;
  if (jiao === 0 && last === 0) return `${whole || "零元"}整`;
  const tenths = jiao > 0 ? `${DIGITS[jiao]}角` : whole === "" ? "" : "零";
  return whole + tenths + (last > 0 ? `${DIGITS[last]}分` : "整");
}

/** ¥45,286,000.00; null where the price has no amount in yuan. */
export function inYuan(price: string, unit: string): string | null {
  const fen = fenOf(price, unit);
  if (fen === null) return null;
  const yuan = String(fen / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
  return `¥${yuan}.${String(fen % 100n).padStart(2, "0")}`;
}

/** Groups of four digits from the left; a gap of zeros within the number is said once. */
function wholeInWords(yuan: bigint): string {
  const digits = String(yuan);
  let words = "";
  let gap = false;
  for (let group = Math.ceil(digits.length / 4) - 1; group >= 0; group -= 1) {
    const from = Math.max(0, digits.length - 4 * (group + 1));
    const four = digits.slice(from, digits.length - 4 * group).padStart(4, "0");
    let said = "";
    for (const [at, digit] of [...four].entries()) {
      if (digit === "0") gap = true;
      else {
        if (gap && words + said !== "") said += "零";
        gap = false;
        said += `${DIGITS[Number(digit)]}${PLACES[3 - at]}`;
      }
    }
    if (said !== "") words += said + GROUPS[group];
  }
  return words;
}
