/** A regular expression for the decimal numbers above a limit, for where text can be matched and numbers cannot be compared. */
export function numberAbove(limit: number): string {
  const digits = [...String(limit)].map(Number);
  const sameLength = digits.flatMap((digit, index) => {
    if (digit === 9) return [];
    const rest = digits.length - index - 1;
    return [`${digits.slice(0, index).join("")}[${digit + 1}-9]${rest > 0 ? `[0-9]{${rest}}` : ""}`];
  });
  return `^0*(${[...sameLength, `[1-9][0-9]{${digits.length},}`].join("|")})$`;
}
