/** Least width that text is wrapped to: a narrower terminal breaks the lines itself. */
const LEAST_COLUMNS = 20;

/** How a table is laid out. */
export interface TableOptions {
  /** Of the terminal, in characters. */
  readonly width: number;
  /** Indexes of columns set to the right: numbers. */
  readonly right?: readonly number[];
  readonly indent?: number;
}

/** Rows in columns two blanks apart; the last column wraps under itself. Ends with a newline. */
export function table(rows: readonly (readonly string[])[], options: TableOptions): string {
  const { width, right = [], indent = 0 } = options;
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  return rows
    .map((row) => {
      const cells = row.slice(0, -1).map((cell, column) => {
        const gap = " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
        return right.includes(column) ? `${gap}${cell}  ` : `${cell}${gap}  `;
      });
      const before = " ".repeat(indent) + cells.join("");
      const room = width - Bun.stringWidth(before);
      const last = wrap(row.at(-1) ?? "", room).join(`\n${" ".repeat(Bun.stringWidth(before))}`);
      return `${`${before}${last}`.trimEnd()}\n`;
    })
    .join("");
}

/** `text` in lines of at most `width` columns, broken at blanks; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const limit = Math.max(LEAST_COLUMNS, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/u).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Bun.stringWidth(longer) > limit) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** `text` wrapped, every line `indent` blanks in. Ends with a newline. */
export function paragraph(text: string, width: number, indent = 0): string {
  const blanks = " ".repeat(indent);
  return wrap(text, width - indent)
    .map((line) => `${blanks}${line}\n`)
    .join("");
}

/** How the next page is asked for by `command`, behind what this one shows; nothing at the end. */
export function moreBy(command: string, cursor: string | undefined): string {
  return cursor ? `; more: sb ${command} ${cursor}` : "";
}

/** `1 file`, `3 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** An ISO time as the reader's own clock shows it: `2026-01-02 03:04`. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("-");
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Bytes in the unit that keeps the number short: `512 B`, `3.4 MB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** A duration as people say it: `120 ms`, `45 s`, `12 min`, `3 h 20 min`. */
export function durationText(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? "" : ` ${rest} min`}`;
}

/** Names and values in two columns. */
export function fields(rows: readonly (readonly string[])[], { width }: { width: number }): string {
  return table(rows, { width, indent: 2 });
}

/** All of a text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

/** The first `most` lines of a text that are not empty, `…` for the rest. */
export function excerpt(text: string, most: number): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length <= most ? lines : [...lines.slice(0, most), "…"];
}
