/** An encoded part of a message: pieces that are written one after the other, never joined here. */
export type Part = readonly Uint8Array[];

const text = new TextEncoder();

/** An integer field; negative ones are not needed here. */
export function int(field: number, value: number): Part {
  return [key(field, 0), varint(value)];
}

/** A 32-bit float field. */
export function float(field: number, value: number): Part {
  return [key(field, 5), new Uint8Array(new Float32Array([value]).buffer)];
}

/** A field of bytes, of text, or of a message made of `parts`. */
export function bytes(field: number, content: string | Uint8Array | readonly Part[]): Part {
  const pieces =
    typeof content === "string"
      ? [text.encode(content)]
      : content instanceof Uint8Array
        ? [content]
        : content.flat();
  return [key(field, 2), varint(sizeOf(pieces)), ...pieces];
}

/** The length of a part in bytes. */
export function sizeOf(part: Part): number {
  return part.reduce((sum, piece) => sum + piece.length, 0);
}

/** The field's number and its wire type: 0 varint, 2 counted bytes, 5 four bytes. */
function key(field: number, wireType: 0 | 2 | 5): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}
