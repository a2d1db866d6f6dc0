const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Bytes of `256M`, `2G`, `1000`. @throws RangeError for anything else. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)B?$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ""];
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!match || bytes <= 0) throw new RangeError(`no size: "${text}" (such as 256M or 2G)`);
  return bytes;
}

/** `1.9 GB` and the like, in decimal units. */
export function showBytes(bytes: number): string {
  const [divisor, unit] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "kB"];
  return `${(bytes / Number(divisor)).toFixed(1)} ${unit}`;
}

/** Counts of `100,1000`. @throws RangeError for anything but whole numbers above 0. */
export function parseSizes(text: string): number[] {
  return text.split(",").map((part) => {
    const size = Number(part);
    if (!/^\d+$/.test(part.trim()) || size <= 0) {
      throw new RangeError(`no counts: "${text}" (such as 100,1000)`);
    }
    return size;
  });
}
