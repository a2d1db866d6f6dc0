import type { PullEvent } from "../../core/embedding/fetch/pull.ts";
import type { Io } from "../io.ts";
import { bytesText } from "../render/layout.ts";
import { sourceName } from "../render/model.ts";

/** How often the line changes at most, in milliseconds. */
const EVERY_MS = 100;

/** To the first column, and all of the line cleared (ECMA-48 EL). */
const CLEAR = "\r\u001b[K";

/** Width of the bar in characters. */
const BAR = 24;

/**
 * Shows on standard error how far a pull is: one line that changes on a terminal, a line for each
 * step elsewhere, nothing where a program reads JSON.
 */
export function pullProgress(io: Io, { silent }: { silent: boolean }) {
  const isTerminal = io.showsProgress;
  let told: string | undefined;
  let began = performance.now();
  let beganAt = 0;
  let next = 0;

  function line(text: string): void {
    io.err(isTerminal ? `${CLEAR}${text}\n` : `${text}\n`);
  }

  function bytesLine({ bytes, total }: Extract<PullEvent, { kind: "bytes" }>): string {
    const done = Math.min(BAR, Math.floor((bytes / total) * BAR));
    const seconds = (performance.now() - began) / 1000;
    const speed = seconds > 0.2 ? `, ${bytesText((bytes - beganAt) / seconds)}/s` : "";
    const bar = `${"█".repeat(done)}${"░".repeat(BAR - done)}`;
    return `${bar} ${bytesText(bytes)} of ${bytesText(total)}${speed}`;
  }

  function show(event: PullEvent): void {
    if (silent) return;
    if (event.kind !== "bytes") {
      line(stepText(event));
      return;
    }
    if (told !== event.source) {
      told = event.source;
      began = performance.now();
      beganAt = event.bytes;
      line(`Fetching ${bytesText(event.total)} from ${sourceName(event.source)}`);
    }
    if (!isTerminal || performance.now() < next) return;
    next = performance.now() + EVERY_MS;
    io.err(`${CLEAR}${bytesLine(event)}`);
  }

  return {
    show,
    clear(): void {
      if (isTerminal && !silent) io.err(CLEAR);
    },
  };
}

function stepText(event: Exclude<PullEvent, { kind: "bytes" }>): string {
  switch (event.kind) {
    case "waiting":
      return "Another process fetches the model; waiting for it";
    case "asking":
      return `Asking ${sourceName(event.source)}`;
    case "writing":
      return `Writing the ${event.precision} model`;
  }
}
