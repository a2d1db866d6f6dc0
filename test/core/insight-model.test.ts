import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { assessInsight } from "../../core/insight/classify.ts";
import { comparableText, Insight, insightHash } from "../../core/insight/model.ts";
import { TOPIC_TERMS, TYPE_TERMS } from "../../core/insight/vocabulary.ts";

describe("the hash", () => {
  const body = "Use async/await for the café's database, or the event loop blocks.";

  const same: [name: string, text: string][] = [
    ["case", body.toUpperCase()],
    ["spacing", `\n  ${body.replaceAll(" ", "  \n")}\t`],
    ["punctuation", "Use async - await for the café s database: or the event loop blocks!"],
    [
      "bold, italics and back-ticks",
      `**Use** \`async/await\` for _the_ café's database, or the ***event loop*** blocks.`,
    ],
    ["decomposed accents", body.normalize("NFD")],
    ["rule lines", `─────\n${body}\n---\n=====\n___`],
    ["list marks and quotes", `> - ${body}`],
    ["emoji", `✅ ${body} 🎉 ⚠️`],
    ["invisible characters", `\ufeff${body.replace("database", "data\u200bba\u00adse")}`],
  ];
  test.each(same)("does not depend on %s", (_, text) => {
    expect(insightHash(text)).toBe(insightHash(body));
  });

  test("does not depend on a letter that composes with its mark in lower case only", () => {
    expect(insightHash("J\u030c")).toBe(insightHash("\u01f0"));
  });

  const operators = "When x >= 5 || a != b, C++ and C# give `!ok && y > 3`, about ~50% | $1.";
  const marked: [name: string, text: string][] = [
    ["a quote", `> ${operators}`],
    ["a quote in a quote without spaces", `>>${operators}`],
    ["a list item", `- ${operators}`],
    ["a list item with another mark", `+ ${operators}`],
    ["a heading", `## ${operators}`],
    ["a closed heading", `## ${operators} ##`],
    ["bold", `**${operators}**`],
    ["a quoted heading in bold", `> ### **${operators}**`],
    ["a struck-out text", `~~${operators}~~`],
    ["a text with a heading's underline", `${operators}\n======`],
    ["a text with a short underline", `${operators}\n==\n`],
    ["a text with a table's rule", `${operators}\n|---|:-:|`],
    ["a text between fences", `~~~\n${operators}\n~~~`],
    ["full-width signs", operators.replace(">=", "＞＝").replace("!=", "！＝")],
  ];
  test.each(marked)("of a body with operators is the same in %s", (_, text) => {
    expect(insightHash(text)).toBe(insightHash(operators));
  });

  test("does not depend on the marks of a table", () => {
    expect(insightHash("| read > 3 | write |\n|---|---|\n| slow | fast |")).toBe(
      insightHash("read > 3, write: slow, fast"),
    );
  });

  test("depends on each operator, and not on the line marks before a body that has it", () => {
    const signs = fc.constantFrom(
      ...["<", ">", "=", "+", "<=", ">=", "==", "===", "!=", "!==", "=>", "->", "++", "+=", "-="],
      ...["|", "||", "&", "&&", "%", "$", "@", "#", "^", "~", ":=", "<<", ">>", "|>", "≤", "≠"],
    );
    const marks = fc.array(fc.constantFrom("> ", ">", "- ", "+ ", "* ", "# ", "### ", "  "), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(signs, signs, marks, (one, two, before) => {
        const [a, b] = [`left ${one} right`, `left ${two} right`];
        expect(insightHash(a) === insightHash(b)).toBe(one === two);
        expect(insightHash(`${before.join("")}${a}`)).toBe(insightHash(a));
        expect(insightHash(`left\`${one}\`right`)).toBe(insightHash(a));
      }),
    );
  });

  const different: [name: string, one: string, two: string][] = [
    ["words that are joined", "async/await", "asyncawait"],
    ["words in another order", "read before write", "write before read"],
    ["digits", "at most 5 ms", "at most 50 ms"],
    ["Japanese", "データベース", "テスト"],
    ["Chinese", "缓存数据", "删除数据"],
    ["Korean", "캐시를 쓴다", "캐시를 지운다"],
    ["Devanagari vowel signs", "कि", "की"],
    ["Arabic", "ذاكرة", "قاعدة"],
    ["comparisons", "Fail when x > 5", "Fail when x < 5"],
    ["an operator and its absence", "Fail when x > 5", "Fail when x 5"],
    ["equal and unequal", "Skip if a == b", "Skip if a != b"],
    ["loose and strict equality", "Skip if a == b", "Skip if a === b"],
    ["assignments", "Write a := b", "Write a = b"],
    ["a condition and its negation", "Return if (!ready)", "Return if (ready)"],
    ["C and C++", "C has no namespaces", "C++ has no namespaces"],
    ["C and C#", "C has no namespaces", "C# has no namespaces"],
    ["C++ and C#", "C++ has namespaces", "C# has namespaces"],
    ["one bar and two", "a | b is a union", "a || b is a union"],
    ["and, bitwise and logical", "a & b is a flag", "a && b is a flag"],
    ["per cent", "Keep 50% free", "Keep 50 free"],
    ["an arrow and a comparison", "use a -> b", "use a > b"],
    ["operators in code that begins a line", "`>` is unsafe", "`>>` is unsafe"],
    ["operators in a table", "| a || b | or |", "| a | b | or |"],
    ["emoji alone", "🎉🎉🎉", "🔥🔥🔥"],
    ["punctuation alone", "?!", "!?"],
    ["nothing and something", "", "..."],
  ];
  test.each(different)("differs for %s", (_, one, two) => {
    expect(insightHash(one)).not.toBe(insightHash(two));
  });

  test("is 64 hexadecimal digits and the same for text that is already reduced", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const reduced = comparableText(text);
        expect(comparableText(reduced)).toBe(reduced);
        expect(insightHash(reduced)).toBe(insightHash(text));
        expect(insightHash(text)).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  test("reduces text made of signs and marks to a fixed point", () => {
    const signs = fc.string({
      unit: fc.constantFrom(..."ab1 \n\t<>=+~|#!&%$@^-*/:?_`.(×→↔\u0338\u200b！＝＞～｜＃¬"),
      maxLength: 30,
    });
    fc.assert(
      fc.property(signs, (text) => {
        const reduced = comparableText(text);
        expect(comparableText(reduced)).toBe(reduced);
      }),
      { numRuns: 3000 },
    );
  });

  /** What lines are made of, plain ones and such as need the patterns. */
  const lines = fc
    .array(
      fc.constantFrom(
        ..."abZ09 \t\n\r<>=+~|#!&%$@^-*/:?_`.(×÷→≤éßİж漢かアー가─—“・，：！😀\u2028\u0301\ud800",
        ...["````", "~~~", "====", "||", "!==", "->", "# ", " ##", "- ", "> ", "| ", "word"],
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join(""));

  test("is the same when every line has a character that vanishes, which patterns take out", () => {
    fc.assert(
      fc.property(lines, fc.nat(60), (text, at) => {
        const body = `a ${text}`;
        const reduced = comparableText(body);
        expect(comparableText(body.replaceAll(/$/gmu, "\u200b"))).toBe(reduced);
        // Not between the halves of a pair, which would make two other characters of them.
        const whole = [...body];
        whole.splice(at, 0, "\u2060");
        expect(comparableText(whole.join(""))).toBe(reduced);
      }),
      { numRuns: 3000 },
    );
  });

  test("of two texts on lines of their own is that of both, one after the other", () => {
    fc.assert(
      fc.property(lines, lines, (one, two) => {
        const [a, b] = [`a ${one}`, `b ${two}`];
        expect(comparableText(`${a}\n${b}`)).toBe(`${comparableText(a)} ${comparableText(b)}`);
      }),
      { numRuns: 2000 },
    );
  });

  test("of a text longer than any before it is that of its parts", () => {
    const long = `${body} é 漢字 x >= 5\n`.repeat(2000);
    expect(comparableText(long)).toBe(
      `${comparableText(`${body} é 漢字 x >= 5`)} `.repeat(2000).trim(),
    );
  });

  test("ignores what stands around a body that has a word", () => {
    const noise = fc.string({
      unit: fc.constantFrom(" ", "\n", "*", "`", "_", "─", "-", ".", "🎉"),
    });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        expect(insightHash(`${before} ${body} ${after}`)).toBe(insightHash(body));
      }),
    );
  });
});

describe("the type", () => {
  const bodies: [type: string, body: string][] = [
    ["gotcha", "Avoid mutable default arguments: a common mistake, they are shared by all calls."],
    ["gotcha", "Watch out: you should always close the cursor first."],
    ["gotcha", "A subtle pitfall of this pattern is that errors vanish silently."],
    ["gotcha", "注意：这个函数会修改传入的数组。"],
    ["gotcha", "この設定には落とし穴があり、再起動すると値が消えます。"],
    ["best_practice", "The best practice is one transaction for each request."],
    ["best_practice", "Always use async/await for database operations to prevent blocking"],
    ["best_practice", "Prefer `unknown` to `any`: the compiler then asks for a check."],
    ["best_practice", "데이터베이스 연결은 항상 풀에서 가져와야 합니다."],
    ["best_practice", "Dovresti sempre usare una transazione per le scritture."],
    ["architecture", "The service layer has no SQL: this separation of concerns keeps it small."],
    ["architecture", "アーキテクチャの設計では、依存の向きを一つにする。"],
    ["pattern", "This is the repository pattern: callers see objects and no rows."],
    ["pattern", "The builder design pattern collects options before the object exists."],
    ["general", "The file has 40 lines and is read once when the program starts."],
    ["general", "The patterned wallpaper and the shoulder of the road."],
    ["general", ""],
  ];
  test.each(bodies)("%s: %s", (type, body) => {
    expect(assessInsight(body).type).toBe(type as never);
  });
});

describe("the topics", () => {
  const bodies: [body: string, topics: string[]][] = [
    ["Always use async/await for database operations", ["async", "database"]],
    ["The catalog of latest tasks", []],
    ["The entry information is typical", []],
    ["Let's go ahead, react quickly and build up the rest of the contest", []],
    ["Each time it is used, ci sono altri modi", []],
    ["Sorting takes O(n log n)", []],
    ["CI runs the tests; tests in CI, a test", ["testing", "ci"]],
    ["The REST endpoint is slow", ["api"]],
    ["Race-condition in threads", ["concurrency"]],
    ["Type-safe code: type narrowing and TYPE GUARDS", ["types"]],
    ["SQLiteはWALモードで使う", ["database"]],
    ["テストとログ", ["logging", "testing"]],
    ["コンテストのブログ", []],
    ["로그인 화면", []],
    ["우리는 스타입니다", []],
    ["A Node.js stream", ["node"]],
    ["데이터베이스를 테스트한다", ["database", "testing"]],
    ["数据库的缓存", ["caching", "database"]],
    ["goroutines and channels in Go", ["go", "concurrency"]],
    ["In go, do not; İn go", ["go"]],
    ["İn go and testſ", []],
    ["tests' coverage", ["testing"]],
    ["データベース,transaction", ["database"]],
    ["", []],
  ];
  test.each(bodies)("of %j", (body, topics) => {
    expect(assessInsight(body).topics).toEqual(topics);
  });

  test("do not depend on case, on composition, or on what has no term", () => {
    const terms = Object.values(TOPIC_TERMS).flatMap((list) => list.split(", "));
    const small = terms.filter((term) => term === term.toLowerCase());
    const texts = fc.array(fc.constantFrom(...small, "word", "è", "カフェ"), { maxLength: 20 });
    fc.assert(
      fc.property(texts, (list) => {
        const text = list.join(" ");
        const { topics } = assessInsight(text);
        expect(assessInsight(text.normalize("NFD")).topics).toEqual(topics);
        expect(assessInsight(`${text} — 😀 \ud800 ж`).topics).toEqual(topics);
        // Upper case, too, but for terms that must stand as they are written.
        const shouted = assessInsight(text.toUpperCase()).topics;
        expect(topics.filter((topic) => !shouted.includes(topic))).toEqual([]);
      }),
    );
  });

  test("come by number of mentions, then by name, and at most 20", () => {
    expect(assessInsight("git, docker, docker, bash, git, docker").topics).toEqual([
      "docker",
      "git",
      "shell",
    ]);
    const everything = Object.values(TOPIC_TERMS).join(". ");
    expect(assessInsight(everything).topics).toHaveLength(20);
  });

  test("every term of the vocabulary is found alone, under its own label", () => {
    const missed: string[] = [];
    for (const [topic, terms] of Object.entries(TOPIC_TERMS)) {
      for (const term of terms.split(", ")) {
        if (!assessInsight(term).topics.includes(topic)) missed.push(`${topic}: ${term}`);
      }
    }
    for (const { type, weight, terms } of TYPE_TERMS) {
      for (const term of terms.split(", ")) {
        const found = assessInsight(term).type;
        if (found !== type && weight > 1) missed.push(`${type}: ${term} is ${found}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test("no topic or type lists a term twice", () => {
    const seen = new Set<string>();
    const twice: string[] = [];
    const rows = [
      ...Object.entries(TOPIC_TERMS).map(([label, terms]) => ({ label, terms })),
      ...TYPE_TERMS.map(({ terms }) => ({ label: "type", terms })),
    ];
    for (const { label, terms } of rows) {
      for (const term of terms.split(", ")) {
        const key = `${label}: ${term}`;
        if (seen.has(key)) twice.push(key);
        seen.add(key);
      }
    }
    expect(twice).toEqual([]);
  });
});

describe("the scores", () => {
  test("of the best known example are explained point by point", () => {
    expect(
      assessInsight(
        "Always use async/await for database operations to prevent blocking the event loop",
      ),
    ).toEqual({
      type: "best_practice",
      topics: ["async", "database"],
      confidence: 0.9,
      quality: 0.8,
      reasons: [
        { rule: "confidence:base", points: 0.2 },
        { rule: "confidence:topics", points: 0.2 },
        { rule: "confidence:advice", points: 0.2 },
        { rule: "confidence:reason", points: 0.1 },
        { rule: "confidence:length", points: 0.1 },
        { rule: "confidence:type", points: 0.1 },
        { rule: "quality:base", points: 0.4 },
        { rule: "quality:topics", points: 0.2 },
        { rule: "quality:reason", points: 0.2 },
      ],
    });
  });

  test("a report of what something uses is no advice", () => {
    const rules = assessInsight("The runtime uses one heap for each worker.").reasons;
    expect(rules.map(({ rule }) => rule)).not.toContain("confidence:advice");
  });

  test("are each the sum of their rules and stay between 0 and 1", () => {
    const words = [...Object.values(TOPIC_TERMS), ...TYPE_TERMS.map(({ terms }) => terms)]
      .flatMap((terms) => terms.split(", "))
      .concat("because", "use", "`code`", "\n");
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...words), { maxLength: 400 }).map((list) => list.join(" ")),
    );
    fc.assert(
      fc.property(texts, (body) => {
        const { confidence, quality, reasons } = assessInsight(body);
        for (const [name, score] of Object.entries({ confidence, quality })) {
          const points = reasons.filter(({ rule }) => rule.startsWith(`${name}:`));
          expect(points.reduce((sum, { points: part }) => sum + part, 0)).toBeCloseTo(score, 9);
          expect(score).toBe(Math.round(score * 100) / 100);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

test("the boundary shape takes an insight stored by hand and refuses a score above 1", () => {
  const insight = {
    id: "0190",
    content: "Keep the pool small.",
    type: "general",
    topics: ["database"],
    confidence: 0.5,
    quality: 0.4,
    project: "shop",
    projects: ["shop"],
    captured_at: "2026-01-02T03:04:05.678Z",
    seen_count: 1,
    source: { session_id: null, message_uuid: null },
    origin: "manual",
  };
  expect(Insight.safeParse(insight).success).toBe(true);
  expect(Insight.safeParse({ ...insight, confidence: 1.01 }).success).toBe(false);
  expect(Insight.safeParse({ ...insight, captured_at: "yesterday" }).success).toBe(false);
});
