import { cpus, platform, release } from "node:os";

/** One line of a report. */
export interface Figure {
  readonly what: string;
  /** What it has to keep; empty where there is no bar. */
  readonly bar: string;
  readonly measured: string;
  /** Undefined where there is no bar, or nothing could be measured. */
  readonly ok?: boolean;
}

/** The figures of one group, and what they were measured on. */
export interface GroupReport {
  readonly group: string;
  /** What the measurement worked on, in words. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
}

/** A value that must not be above its bar. `show` writes both. */
export function atMost(
  what: string,
  { value, bar }: { value: number; bar: number },
  show: (value: number) => string,
): Figure {
  return { what, bar: `≤ ${show(bar)}`, measured: show(value), ok: value <= bar };
}

/** A value that must not be below its bar. `show` writes both. */
export function atLeast(
  what: string,
  { value, bar }: { value: number; bar: number },
  show: (value: number) => string,
): Figure {
  return { what, bar: `≥ ${show(bar)}`, measured: show(value), ok: value >= bar };
}

/** A value that is told without a bar. */
export function told(what: string, measured: string): Figure {
  return { what, bar: "", measured };
}

export const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
export const times = (value: number): string => `${value.toFixed(2)}×`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** What the figures were measured on: they mean little without it. */
export function machine() {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    os: `${platform()} ${release()}`,
    bun: Bun.version,
  };
}

/** A group's table for a terminal. */
export function tableOf({ group, notes, figures }: GroupReport): string {
  const rows = [
    ["what", "bar", "measured", ""],
    ...figures.map(({ what, bar, measured, ok }) => [what, bar, measured, verdict(ok)]),
  ];
  const width = (column: number) =>
    Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? "")));
  const widths = [width(0), width(1), width(2), width(3)];
  const lines = rows.map((row) => row.map((cell, at) => padded(cell, widths[at])).join("  "));
  return [
    group,
    ...notes.map((note) => `  ${note}`),
    ...lines.map((line) => `  ${line.trimEnd()}`),
    "",
  ].join("\n");
}

function padded(cell: string, width = 0): string {
  return cell + " ".repeat(width - Bun.stringWidth(cell));
}

function verdict(ok: boolean | undefined): string {
  if (ok === undefined) return "";
  return ok ? "ok" : "over";
}
