/** Marks for text on a terminal; without colour each gives the text back as it is. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  cyan(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

/** SGR codes, ECMA-48 §8.3.117: how each mark begins and ends. */
export function styleOf(color: boolean): Style {
  const mark = (on: number, off: number) => (text: string) =>
    color && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: mark(1, 22),
    dim: mark(2, 22),
    cyan: mark(36, 39),
    green: mark(32, 39),
    yellow: mark(33, 39),
    red: mark(31, 39),
  };
}
