import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { assessInsight } from "../../core/insight/classify.ts";
import { extractInsights } from "../../core/insight/extract.ts";

const OPENER = `\`★ Insight ${"─".repeat(37)}\``;
const CLOSER = `\`${"─".repeat(49)}\``;
const BODY = "Read the pool size from the database, because a fixed one starves the workers.";

/** The block as Claude Code's output style asks for it. */
function block(body: string, opener = OPENER, closer = CLOSER): string {
  return `${opener}\n${body}\n${closer}`;
}

function contents(text: string): string[] {
  return extractInsights(text).map(({ content }) => content);
}

describe("a block is found", () => {
  const variants: [name: string, text: string][] = [
    ["in the exact form", block(BODY)],
    ["without back-ticks", block(BODY, `★ Insight ${"─".repeat(37)}`, "─".repeat(49))],
    ["in bold", block(BODY, "**★ Insight ─────**", "**─────**")],
    ["in bold within back-ticks", block(BODY, "`**★ Insight ─────**`", "`**─────**`")],
    ["with only the word in bold", block(BODY, "★ **Insight** ─────")],
    ["in italics", block(BODY, "_★ Insight ─────_", "_─────_")],
    ["as a heading", block(BODY, "### ★ Insight ─────", "─────")],
    ["as a heading with a heading as closer", block(BODY, "### ★ Insight ───", "### ───")],
    ["with the star of old Windows consoles", block(BODY, "`✶ Insight ─────`")],
    ["with an emoji selector after the star", block(BODY, "★\ufe0f Insight ─────")],
    ["with no space after the star", block(BODY, "★Insight ─────")],
    ["in the plural and in capitals", block(BODY, "★ INSIGHTS ─────")],
    ["with the shortest rules", block(BODY, "★ Insight ───", "───")],
    ["with longer rules", block(BODY, `★ Insight ${"─".repeat(80)}`, "─".repeat(120))],
    ["with a shorter closer", block(BODY, OPENER, `\`${"─".repeat(40)}\``)],
    ["with heavy dashes", block(BODY, "★ Insight ━━━━━", "━━━━━")],
    ["with em dashes", block(BODY, "★ Insight —————", "—————")],
    ["with hyphens", block(BODY, "★ Insight ---", "---")],
    ["with equals signs", block(BODY, "★ Insight =====", "=====")],
    ["with a closer in another dash", block(BODY, "★ Insight ─────", "━━━━━")],
    ["with hyphens that box-drawing lines close", block(BODY, "★ Insight -----", "─────")],
    ["with em dashes that box-drawing lines close", block(BODY, "★ Insight ———", "─────")],
    ["with Windows line ends", block(BODY).replaceAll("\n", "\r\n")],
    ["with trailing spaces", block(BODY, `${OPENER}  `, `${CLOSER}\t `)],
    ["indented by three", block(BODY).replaceAll(/^/gm, "   ")],
    ["in a blockquote", block(BODY).replaceAll(/^/gm, "> ")],
    ["in a blockquote in a blockquote", block(BODY).replaceAll(/^/gm, "> > ")],
    ["in a list item", `1. First\n\n${block(BODY).replaceAll(/^/gm, "   ")}`],
    ["deep in a list", `1. a\n   - b\n\n${block(BODY).replaceAll(/^/gm, "     ")}`],
    ["right after a list marker", `- ${block(BODY).replaceAll("\n", "\n  ")}`],
    ["pasted from a terminal", `⏺ ★ Insight ─────\n  ${BODY}\n    ─────`],
    ["pasted from a terminal with another bullet", `● ★ Insight ─────\n  ${BODY}\n  ─────`],
    ["between other text", `Done.\n\n${block(BODY)}\n\nNow the tests.`],
    ["after a fenced block", `\`\`\`ts\nconst a = 1;\n\`\`\`\n${block(BODY)}`],
    ["after a code span that looks like a fence", `\`\`\`a\`\`\` is code\n${block(BODY)}`],
    ["after indented code that looks like a fence", `Text\n\n    \`\`\`\n\n${block(BODY)}`],
    ["after a quoted fence that the quote's end closed", `> \`\`\`\n> a\n\n${block(BODY)}`],
    ["after stars that open nothing", `★ ★★ ✶x ★ insight\n★ Insight\n${block(BODY)}`],
    [
      "in a list that a block without a closer began",
      `${OPENER}\nThis one was cut off.\n- an item of it\n\n${block(BODY).replaceAll(/^/gm, "     ")}`,
    ],
    ["with an inline mention before it", `The \`★ Insight\` block follows.\n${block(BODY)}`],
  ];
  test.each(variants)("%s", (_, text) => {
    expect(contents(text)).toEqual([BODY]);
  });

  const languages: [language: string, body: string][] = [
    ["English", "**Why WAL**: readers never block the one writer, so hooks may overlap."],
    [
      "Japanese",
      "非同期処理では必ずタイムアウトを設定すべきです。設定しないと、リクエストが終わらないことがあります。",
    ],
    [
      "Korean",
      "데이터베이스 연결은 항상 풀에서 가져와야 합니다. 그렇지 않으면 연결이 고갈될 수 있습니다.",
    ],
    [
      "Chinese",
      "避免在循环里逐条查询数据库，因为每次往返都会增加延迟；应该改用一次批量查询来取回全部结果。",
    ],
    [
      "Italian",
      "È meglio evitare le eccezioni per il flusso normale, perché costano molto più di un valore.",
    ],
  ];
  test.each(languages)("in %s", (_, body) => {
    expect(contents(`Prima.\n\n${block(body)}\n`)).toEqual([body]);
  });

  test("with each kind of Markdown in its body, verbatim", () => {
    const body = [
      "1. **First**: a numbered point about `─` in a code span",
      "2. Second",
      "",
      "| Rule | Dash |",
      "|------|------|",
      "| one  | ──── |",
      "",
      "> a quote with its own rule",
      "> ─────",
      "",
      "---",
      "",
      "Heading",
      "==========",
      "",
      "----------",
      "",
      "one | two",
      "----------|----------",
      "——————————",
      "- nested\n  - deeper  ",
      "    code by indentation",
    ].join("\n");
    expect(contents(block(body))).toEqual([body]);
  });

  test("with a code fence in its body, in which no rule closes it", () => {
    const body = `Rules in code are text:\n\`\`\`text\n─────\n${OPENER}\n${CLOSER}\n\`\`\`\nand the body goes on.`;
    expect(contents(block(body))).toEqual([body]);
    const tilde = `Longer fences hold shorter ones:\n~~~~\n~~~\n─────\n~~~~\nand the body goes on.`;
    expect(contents(block(tilde))).toEqual([tilde]);
  });
});

describe("a title in the opener becomes the first line", () => {
  const titles: [opener: string, title: string][] = [
    ["`★ Insight: Pool size ─────`", "Pool size"],
    ["`★ Insight 1: Pool size ─────`", "Pool size"],
    ["★ Insight #2 - Pool size ─────", "Pool size"],
    ["**★ Insight 3: Pool size** ─────", "Pool size"],
    ["**★ Insight:** Pool size ─────", "Pool size"],
    ["### ★ Insight — Pool size ─────", "Pool size"],
    ["★ Insight (Pool size) ─────", "Pool size"],
    ["★ Insight ── Pool size ─────", "Pool size"],
    ["★ Insight：プールの大きさ ─────", "プールの大きさ"],
    ["★ Insight: Keep `pool.size` ─────", "Keep `pool.size`"],
    ["★ Insight: 2 pools (not 3) ─────", "2 pools (not 3)"],
  ];
  test.each(titles)("%s", (opener, title) => {
    expect(contents(block(BODY, opener))).toEqual([`${title}\n${BODY}`]);
  });

  test("but a number or a sign alone is no title", () => {
    expect(contents(block(BODY, "★ Insight 2 ─────"))).toEqual([BODY]);
    expect(contents(block(BODY, "★ Insight: ~~~ ─────"))).toEqual([BODY]);
  });
});

describe("nothing is captured", () => {
  const fenced = (fence: string, info = "") => `${fence}${info}\n${block(BODY)}\n${fence}`;
  const deep = block(BODY).replaceAll(/^/gm, "    ");
  const texts: [name: string, text: string][] = [
    ["from an empty text", ""],
    ["inside a fence of back-ticks", fenced("```")],
    ["inside a fence with an info string", fenced("```", "markdown")],
    ["inside a fence of tildes", fenced("~~~", " md `x`")],
    ["inside a longer fence that holds a shorter one", fenced("````", "\n```")],
    ["inside a fence that the other mark does not close", `~~~\n\`\`\`\n${block(BODY)}`],
    ["inside a fence that a mark with an info string does not close", `\`\`\`\n${fenced("```x")}`],
    ["inside a fence that is never closed", `\`\`\`\n${block(BODY)}`],
    [
      "inside a fence in a list",
      `- a\n  \`\`\`\n  ${block(BODY).replaceAll("\n", "\n  ")}\n  \`\`\``,
    ],
    ["inside a fence after a list marker", `- \`\`\`\n  ${block(BODY)}\n  \`\`\``],
    ["inside a fence in a quote", fenced("```").replaceAll(/^/gm, "> ")],
    ["from indented code", `Text\n\n${deep}`],
    ["from indented code after a list that a quote ended", `- a\n>     q\n\n${deep}`],
    ["from indented code after a fence that holds a list mark", `\`\`\`\n- a\n  \`\`\`\n\n${deep}`],
    ["from an opener that is a longer code span", block(BODY, "```★ Insight ─────```")],
    ["when only a list item could close it", `${OPENER}\n${BODY}\n- ─────\n`],
    ["without a closer", `${OPENER}\n${BODY}\n`],
    ["when hyphens stand where box-drawing lines opened", block(BODY, OPENER, "-".repeat(40))],
    ["when hyphens stand where equals signs opened", block(BODY, "★ Insight ===", "-----")],
    ["without a closer before a thematic break", `${OPENER}\n${BODY}\n\n---\n\n## Next\n`],
    ["when the quote ends before the closer", `> ${OPENER}\n> ${BODY}\n\n${CLOSER}`],
    ["when only an indented line could close it", `${OPENER}\n${BODY}\n\n    ─────\n`],
    ["when the closer has other words", `${OPENER}\n${BODY}\n───── end ─────\n`],
    ["when the only closer stands in an open fence", `${OPENER}\n${BODY}\n\`\`\`\n${CLOSER}`],
    ["from the output style's own template", block("[2-3 key educational points]")],
    ["from a template with more words", block("[2-3 key educational points specific to the code]")],
    ["from the older template", block("[2-3 points]")],
    ["from a template without brackets", block("2-3 key educational points about the codebase")],
    ["from a template in points", block("- [First key educational point]\n- [Second one]\n- ...")],
    ["from a template over two lines", block("[2-3 lines of key design decisions\n and insights]")],
    ["from a manual", block("Your insight here...")],
    ["from a longer manual", block("**Your educational insight text goes here...**")],
    ["from a list of nothing", block("- Key point 1\n- Key point 2\n- Key point 3")],
    ["from a variable", block("{{insight_body_with_a_long_name_here}}")],
    ["from an empty body", block("")],
    ["from a blank body", block("   \n\n\t".repeat(20))],
    ["from a body without a word", block("★ → ✨ … !!! ".repeat(5))],
    ["from a body under 30 characters", block("x".repeat(29))],
    ["from a body over 10,000 characters", block("x".repeat(10_001))],
    ["from an inline mention", `The \`★ Insight\` block ends with\n${CLOSER}\n${BODY}\n${CLOSER}`],
    ["from a mention at a line's start", `\`★ Insight ───\` blocks are kept:\n${BODY}\n${CLOSER}`],
    ["from a compound word", block(BODY, "★ Insight-driven design ─────")],
    ["from a word that begins alike", block(BODY, "★ Insightful ─────")],
    ["from another star", block(BODY, "☆ Insight ─────")],
    ["from an opener without a rule", block(BODY, "★ Insight: Pool size")],
    ["from an opener with two dashes", block(BODY, "★ Insight ──")],
    ["from a quoted template line", `"${OPENER}\n${BODY}\n${CLOSER}"`],
  ];
  test.each(texts)("%s", (_, text) => {
    expect(contents(text)).toEqual([]);
  });
});

describe("bounds and order", () => {
  test("bodies of 30 and of 10,000 characters are kept, counted in code points", () => {
    for (const body of ["x".repeat(30), "x".repeat(10_000), "𝒙".repeat(10_000)]) {
      expect(contents(block(body))).toEqual([body]);
    }
    expect(contents(block("𝒙".repeat(29)))).toEqual([]);
  });

  test("a character of Chinese, Japanese or Korean counts as three towards the least", () => {
    const usual = [
      "WALは必ず閉じる。残ると邪魔になる。",
      "避免循环查询，应当批量。",
      "연결은 항상 풀에서 가져온다.",
      "タイムアウトは必須",
    ];
    for (const body of usual.slice(0, 3)) expect(contents(block(body))).toEqual([body]);
    expect(contents(block(usual[3] ?? ""))).toEqual([]);
    for (const letter of "漢あア한") {
      expect(contents(block(letter.repeat(10)))).toEqual([letter.repeat(10)]);
      expect(contents(block(letter.repeat(9)))).toEqual([]);
      expect(contents(block(letter.repeat(10_000)))).toEqual([letter.repeat(10_000)]);
      expect(contents(block(letter.repeat(10_001)))).toEqual([]);
    }
    expect(contents(block("é".repeat(29)))).toEqual([]);
  });

  test("blocks come in order, with the line of each opener", () => {
    const other = `${BODY} And measure it.`;
    const found = extractInsights(`One\r\n\n${block(BODY)}\n\ntext\n${block(other)}`);
    expect(found.map(({ content, line }) => [content, line])).toEqual([
      [BODY, 3],
      [other, 8],
    ]);
  });

  test("a block that repeats, though in other case and marks, is given once", () => {
    const again = `**${BODY.toUpperCase()}**`;
    const found = extractInsights([BODY, BODY, again].map((body) => block(body)).join("\n\n"));
    expect(found.map(({ content, line }) => [content, line])).toEqual([[BODY, 1]]);
  });

  test("what an insight says of itself is what its content is assessed as", () => {
    const [found] = extractInsights(block(BODY));

    expect(found?.content).toBe(BODY);
    const { type, topics, confidence, quality, reasons } = found ?? {};
    expect({ type, topics, confidence, quality, reasons }).toEqual(assessInsight(BODY) as never);
    expect(topics).toEqual(["database"]);
  });

  test("a new opener drops the block that has no closer and goes on", () => {
    const text = `${OPENER}\nThis one was cut off in the middle\n${block(BODY)}\n${CLOSER}`;
    const found = extractInsights(text);
    expect(found.map(({ content, line }) => [content, line])).toEqual([[BODY, 3]]);
  });

  test("a block that grows past every bound does not swallow the next", () => {
    const text = `${OPENER}\n${"some text that never ends\n".repeat(4000)}${block(BODY)}`;
    expect(contents(text)).toEqual([BODY]);
  });

  test("the common indentation goes, the rest of it stays", () => {
    const text = `- item\n\n  ${OPENER}\n  First line of this body\n    - deeper\n\n  last\n  ${CLOSER}`;
    expect(contents(text)).toEqual(["First line of this body\n  - deeper\n\nlast"]);
  });
});

describe("laws", () => {
  /** Text made of the pieces that the scanner reacts to. */
  const pieces = fc
    .array(
      fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(`${OPENER}\n`, `${BODY}\n`, `${CLOSER}\n`) },
        fc.constantFrom(OPENER, CLOSER, BODY, "★ Insight ───", "✶ Insight: T ---", "───", "---"),
        fc.constantFrom("```", "````js", "~~~", "> ", "- ", "1. ", "    ", "\t", "★", "\r", "`"),
        fc.constantFrom("\n", "\n\n", "[x]", "### ", "⏺ ", "**", "─", "=", "Insight"),
        fc.string({ unit: "binary", maxLength: 12 }),
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(""));

  test("no text makes it throw, and what it finds keeps its bounds", () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const lines = text.split("\n");
        for (const found of extractInsights(text)) {
          expect(lines[found.line - 1]).toMatch(/[★✶].*Insight.*[─=-]/i);
          const cjk = found.content.match(/[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]/gu);
          const letters = [...found.content].length + 2 * (cjk?.length ?? 0);
          expect(letters).toBeGreaterThanOrEqual(30);
          expect(found.hash).toMatch(/^[0-9a-f]{64}$/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const bodies = fc.uniqueArray(
    fc
      .tuple(
        fc.nat(999),
        fc.array(fc.constantFrom("cache", "避免", "so", "`x`", "\n\n"), { maxLength: 8 }),
      )
      .map(([number, words]) =>
        `Always keep the rule of number ${number} ${words.join(" ")}`.trim(),
      ),
    { maxLength: 8, selector: (body) => body.replaceAll(/[^\p{L}\p{N}]+/gu, " ") },
  );
  const between = fc.constantFrom(
    "\n\n",
    "\nSome prose.\n",
    "\n```\ncode ★\n```\n",
    "\n- list\n\n",
  );

  test("a document of blocks gives back every body, whatever stands between", () => {
    fc.assert(
      fc.property(bodies, between, (list, gap) => {
        expect(contents(list.map((body) => block(body)).join(gap))).toEqual(list);
      }),
    );
  });

  test("two documents joined give what they give alone", () => {
    fc.assert(
      fc.property(bodies, bodies, between, (one, two, gap) => {
        const a = one.map((body) => block(body)).join("\n");
        const b = two.map((body) => block(body)).join("\n");
        const alone = [...extractInsights(a), ...extractInsights(b)].map(({ hash }) => hash);
        const joined = extractInsights(`${a}${gap}${b}`).map(({ hash }) => hash);
        expect(joined).toEqual([...new Set(alone)]);
      }),
    );
  });

  test("what is found, written as a block again, is found again unchanged", () => {
    fc.assert(
      fc.property(pieces, (text) => {
        for (const { content } of extractInsights(text)) {
          // Indented markers are text until the common indentation around them goes.
          if (/[★✶]|[─=~-]{3}/u.test(content)) continue;
          expect(contents(block(content))).toEqual([content]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
