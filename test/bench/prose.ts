import type { Random } from "./random.ts";
import { type Names, proseWords, type Zipf } from "./vocabulary.ts";

/** A rule of the insight format: 37 dashes open, 49 close. */
const OPENER = `\`★ Insight ${"─".repeat(37)}\``;
const CLOSER = `\`${"─".repeat(49)}\``;

/** An insight with these lines in the client's format. */
export function insightBlock(lines: readonly string[]): string {
  return `${OPENER}\n${lines.join("\n")}\n${CLOSER}`;
}

let words: Zipf | undefined;

/** Writes prose and code about one project, in words as frequent as in real text. */
export class Prose {
  readonly #random: Random;
  readonly #names: Names;
  readonly #words: Zipf;

  constructor(random: Random, names: Names) {
    this.#random = random;
    this.#names = names;
    words ??= proseWords();
    this.#words = words;
  }

  identifier(): string {
    return this.#names.identifiers.draw(this.#random);
  }

  /** Path of a source file, relative to the project. */
  path(): string {
    return this.#names.paths.draw(this.#random);
  }

  /** One sentence of 6 to 24 words, some of them names in code quotes, paths, figures. */
  sentence(): string {
    const random = this.#random;
    const length = random.between(6, 24);
    let text = "";
    for (let index = 0; index < length; index += 1) {
      if (index > 0) text += random.chance(0.07) ? ", " : " ";
      text += random.chance(0.08) ? this.#special() : this.#words.draw(random);
    }
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}${random.chance(0.1) ? ":" : "."}`;
  }

  /** Sentences of about `count` words together. */
  prose(count: number): string {
    const sentences: string[] = [];
    for (let left = count; left > 0; left -= 15) sentences.push(this.sentence());
    return sentences.join(" ");
  }

  /** An answer as models write it: paragraphs, lists, a piece of code. */
  answer(count: number): string {
    const random = this.#random;
    const parts: string[] = [];
    for (let left = count; left > 0; left -= 60) {
      const kind = random.next();
      if (kind < 0.2) parts.push(this.#list());
      else if (kind < 0.35) parts.push(`\`\`\`ts\n${this.code(random.between(3, 9))}\n\`\`\``);
      else parts.push(this.prose(Math.min(left, random.between(25, 70))));
    }
    return parts.join("\n\n");
  }

  /** An insight block in the client's format. */
  insight(): string {
    const random = this.#random;
    const points = Array.from({ length: random.between(1, 3) }, () => `- ${this.prose(25)}`);
    return insightBlock(points);
  }

  /** Lines of a source file. */
  code(lines: number): string {
    return Array.from({ length: lines }, () => this.#codeLine()).join("\n");
  }

  /**
   * A system prompt of at least `chars` characters as the client sends it: rules in short lines with
   * quotes and dashes, then tools with their schemas. JSON has much to escape in it.
   */
  instructions(chars: number): string {
    const random = this.#random;
    const lines: string[] = [];
    for (let left = chars; left > 0; left -= lines.at(-1)?.length ?? 0) {
      const kind = random.next();
      if (kind < 0.1) lines.push(`\n# ${this.sentence()}`);
      else if (kind < 0.75)
        lines.push(` - ${this.sentence()} Say "${this.identifier()}" — never less.`);
      else lines.push(this.#schema());
    }
    return lines.join("\n");
  }

  /** What a command prints: a test run, a listing, a log. */
  output(lines: number): string {
    return Array.from({ length: lines }, () => this.#outputLine()).join("\n");
  }

  /** What a failing command prints. */
  failure(): string {
    const name = this.identifier();
    const error = `TypeError: Cannot read properties of undefined (reading '${name}')`;
    const frames = Array.from({ length: this.#random.between(3, 9) }, () => {
      const place = `${this.path()}:${this.#random.between(1, 400)}:${this.#random.between(1, 60)}`;
      return `    at ${this.identifier()} (${place})`;
    });
    return `${error}\n${frames.join("\n")}\n${this.output(this.#random.between(2, 12))}`;
  }

  #schema(): string {
    const properties = { [this.identifier()]: { type: "string", description: this.sentence() } };
    return JSON.stringify({
      name: this.identifier(),
      input_schema: { type: "object", properties },
    });
  }

  #special(): string {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.6) return `\`${this.identifier()}\``;
    if (kind < 0.8) return `\`${this.path()}\``;
    if (kind < 0.97) return String(random.size(1, 100_000));
    return random.hex(random.chance(0.5) ? 8 : 40);
  }

  #list(): string {
    const items = Array.from({ length: this.#random.between(2, 5) }, () => `- ${this.sentence()}`);
    return items.join("\n");
  }

  #codeLine(): string {
    const random = this.#random;
    const indent = "  ".repeat(random.between(0, 4));
    const [one, two, three] = [this.identifier(), this.identifier(), this.identifier()];
    switch (random.between(0, 7)) {
      case 0:
        return `${indent}const ${one} = await ${two}(${three});`;
      case 1:
        return `${indent}if (${one}.length > ${random.between(0, 99)}) return ${two};`;
      case 2:
        return `${indent}export function ${one}(${two}: string, ${three}: number): void {`;
      case 3:
        return `${indent}// ${this.sentence()}`;
      case 4:
        return `${indent}}`;
      case 5:
        return `import { ${one}, ${two} } from "../${this.path()}";`;
      case 6:
        return `${indent}expect(${one}.${two}).toBe("${three}");`;
      default:
        return `${indent}this.${one}.set(${two}, { ${three}: ${random.between(0, 9_999)} });`;
    }
  }

  #outputLine(): string {
    const random = this.#random;
    const ms = (random.size(1, 9_000) / 10).toFixed(1);
    switch (random.between(0, 3)) {
      case 0:
        return `(pass) ${this.identifier()} > ${this.sentence()} [${ms}ms]`;
      case 1:
        return `${this.path()}:${random.between(1, 900)}:  ${this.#codeLine()}`;
      case 2:
        return `2026-09-${random.between(10, 29)}T10:${random.between(10, 59)}:01.${random.between(100, 999)}Z INFO ${this.identifier()} ${ms}ms`;
      default:
        return `-rw-r--r--  1 dev dev ${random.size(100, 90_000)} Sep ${random.between(1, 30)} ${this.path()}`;
    }
  }
}
