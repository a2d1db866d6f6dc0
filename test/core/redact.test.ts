import { expect, test } from "bun:test";
import fc from "fast-check";
import { redact } from "../../core/kernel/redact.ts";
import { RULES } from "../../core/kernel/redact-rules.ts";
import { SECRETS } from "../support/secrets.ts";

/** Ways in which a text can hold a secret. */
const PLANTS: Readonly<Record<string, (value: string) => string>> = {
  bare: (value) => value,
  "a JSON value": (value) => JSON.stringify({ note: value }, null, 2),
  "a shell command": (value) => `echo '${value}' | tee out.txt && ls -la`,
  "JSON inside JSON": (value) =>
    JSON.stringify({ body: JSON.stringify({ note: `a\n${value}\nb` }) }),
  "a query": (value) => `see https://example.com/start?next=1&state=${value}&page=2 for more`,
  "a file path": (value) => `/home/ada/notes/${value}/copy.txt`,
  "the start": (value) => `${value}\nis what I was given`,
  "the end": (value) => `what I was given is\n${value}`,
  "unicode around": (value) => `Schlüssel 🔑 «${value}» – größer\u2028日本`,
  "a markdown fence": (value) => `Try:\n\n\`\`\`\n${value}\n\`\`\`\n`,
  "a numbered listing": (value) =>
    value
      .split("\n")
      .map((line, i) => `     ${i + 1}→${line}`)
      .join("\n"),
};

for (const [place, plant] of Object.entries(PLANTS)) {
  test(`no known shape survives in ${place}`, () => {
    const left = SECRETS.filter(({ value, canary }) => {
      const { text } = redact(plant(value));
      return text.includes(canary) || !text.includes("[redacted:");
    });
    expect(left.map(({ name }) => name)).toEqual([]);
  });
}

test("all shapes are found in one long text, and what stands between them stays", () => {
  const words = SECRETS.map((_, i) => `line ${i} of the report`);
  const { text } = redact(SECRETS.map(({ value }, i) => `${words[i]}\n${value}\n`).join("\n"));
  expect(SECRETS.filter(({ canary }) => text.includes(canary))).toEqual([]);
  expect(words.filter((line) => !text.includes(line))).toEqual([]);
});

test("there are sixty shapes and more, each under its own name, and the same in every run", () => {
  expect(new Set(SECRETS.map(({ name }) => name)).size).toBe(SECRETS.length);
  expect(SECRETS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(RULES.map(({ id }) => id)).size).toBeGreaterThanOrEqual(60);
});

test("the name of a value stays, only the value goes", () => {
  expect(redact("export DB_PASSWORD=hunter2x9 # keep").text).toBe(
    "export DB_PASSWORD=[redacted:assignment] # keep",
  );
  expect(redact('{"api_key": "k9Qz81LmPw0aXy"}').text).toBe('{"api_key": "[redacted:assignment]"}');
  expect(redact("postgres://ada:tr0ub4dor@db/shop").text).toBe(
    "postgres://ada:[redacted:url-password]@db/shop",
  );
  expect(redact("curl -H 'Authorization: Bearer k9Qz81LmPw0aXyB2'").text).toBe(
    "curl -H 'Authorization: Bearer [redacted:authorization]'",
  );
});

const VALUE = "k9Qz81LmPw0aXy";

test.each([
  `PASSWORD=${VALUE}`,
  `export SECRET_KEY="${VALUE}"`,
  `"api_key": "${VALUE}"`,
  `{\\"api_key\\": \\"${VALUE}\\"}`,
  `{\\\\\\"clientSecret\\\\\\":\\\\\\"${VALUE}\\\\\\"}`,
  `token: '${VALUE}'`,
  `token: ${VALUE}`,
  `db:\n  password: ${VALUE}\n`,
  `password: |\n  ${VALUE}\n`,
  `secret_key = "${VALUE}"`,
  `const authToken: string = "${VALUE}";`,
  `password := "${VALUE}"`,
  `os.environ["API_KEY"] = "${VALUE}"`,
  `os.getenv("API_KEY", "${VALUE}")`,
  `login --password ${VALUE} --host db`,
  `login --token=${VALUE}`,
  `["--password", "${VALUE}"]`,
  `- name: DB_PASSWORD\n  value: ${VALUE}`,
  `{"name": "DB_PASSWORD", "value": "${VALUE}"}`,
  `<password>${VALUE}</password>`,
  `ALTER USER ada WITH PASSWORD '${VALUE}'`,
  `The password is ${VALUE}.`,
  `my API key is ${VALUE}`,
  `X-Api-Key: ${VALUE}`,
  `https://example.com/cb?access_token=${VALUE}&page=2`,
  `sshpass -p ${VALUE} ssh ada@host`,
  `curl -u ada:${VALUE} https://example.com`,
  `"password": "${VALUE}`,
])("an assigned secret goes: %j", (text) => {
  expect(redact(text).text).not.toContain(VALUE);
  expect(redact(text).counts).not.toEqual({});
});

test.each([
  "PASSWORD=$DB_PASSWORD",
  `password: \${{ secrets.DB_PASSWORD }}`,
  `"token": "\${TOKEN}"`,
  "const token = process.env.API_TOKEN ?? '';",
  "api_key: <your-api-key>",
  "api_key=your-api-key-here",
  "PASSWORD=changeme",
  "PASSWORD=xxxxxxxx",
  "PASSWORD=********",
  `token: ghp_${"x".repeat(36)}`,
  "postgres://user:password@localhost/shop",
  "postgres://user:$PGPASSWORD@localhost/shop",
  "max_tokens: 4096, token_count = 12345678",
  "const token = parseToken(source, 42);",
  "if (token === SyntaxKind.CloseBraceToken2) return;",
  'password: "Enter your password",',
  "SECRET_FILE=/run/secrets/db_password1",
  "The password is wrong",
  '"minipass": "^7.1.2", "bypass": "0x18005ab"',
  "give --username and --password options",
  "Basic authentication is required; Bearer tokens are better",
  "op://vault/item/password",
  "commit 8609204aa1f0d5b3eb3c3f1f9a5d0e7c2b4a6d88",
  "550e8400-e29b-41d4-a716-446655440000",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  `"integrity": "sha512-${"qA9+/x7Z".repeat(10)}=="`,
  ".sk-loading-spinner-with-a-long-name { color: #a1b2c3d4 }",
  `!function(e,t){var n=e.key,r=t.token;n="a1b2"}(k,"eyJ")`,
])("what is no secret stays: %j", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});

test("a private block is dropped with its tags", () => {
  expect(redact("a <private>x</private> b")).toEqual({
    text: "a [private] b",
    counts: { private: 1 },
  });
  expect(redact('a <PRIVATE reason="x">\nx\n</Private> b').text).toBe("a [private] b");
  expect(redact("a <private>1<private>2</private>3</private> b").text).toBe("a [private] b");
  expect(redact("a <private>1</private> b <private>2</private>").counts).toEqual({ private: 2 });
});

test("a private block without an end goes to the end of the text; a lone end stays", () => {
  expect(redact("a <private>x\ny").text).toBe("a [private]");
  expect(redact("a <private>1<private>2</private>3").text).toBe("a [private]");
  expect(redact("a </private> b").text).toBe("a </private> b");
  expect(redact("a <privateer> <private-x> b").text).toBe("a <privateer> <private-x> b");
});

test("a private block is dropped where JSON escaped its brackets", () => {
  const escaped = '{"a":"1 \\u003cprivate\\u003ex\\u003c/private\\u003e 2"}';
  expect(redact(escaped).text).toBe('{"a":"1 [private] 2"}');
  expect(redact(escaped.replaceAll("\\", "\\\\")).text).toBe('{"a":"1 [private] 2"}');
  expect(redact("1 &lt;private&gt;x&lt;/private&gt; 2").text).toBe("1 [private] 2");
});

test("a secret never swallows the beginning of a private block", () => {
  expect(redact('password="a <private>" b\nname </private> c').text).not.toContain("name");
});

test("every line of a private key goes, numbered, quoted, cut at its end or at its start", () => {
  const key = SECRETS.find(({ name }) => name === "rsa private key")?.value ?? "";
  const lines = key.split("\n");
  const forms = [
    lines.map((line, i) => `${String(i + 1).padStart(6)}\t${line}`).join("\n"),
    lines.map((line) => `+    "${line}\\n" +`).join("\n"),
    lines.slice(0, 4).join("\n"),
    lines.slice(2).join("\n"),
  ];
  for (const form of forms) {
    const { text } = redact(`before\n${form}\nafter the key`);
    expect(lines.slice(1, -1).filter((line) => text.includes(line))).toEqual([]);
    expect(text).toContain("before");
    expect(text).toContain("after the key");
  }
});

test("secrets that touch are all found", () => {
  for (const one of SECRETS.slice(0, 20)) {
    const { text } = redact(SECRETS.map(({ value }) => `${one.value},${value}`).join(";"));
    expect(text).not.toContain(one.canary);
  }
});

test("a value is named by its shape where it has one, and replaced once and whole", () => {
  const [token] = SECRETS.filter(({ name }) => name === "github personal token");
  expect(redact(`{"token": "${token?.value}"}`)).toEqual({
    text: '{"token": "[redacted:github]"}',
    counts: { github: 1 },
  });
  expect(redact(`{"token": "${VALUE}:${token?.value}.${VALUE}"}`).text).toBe(
    '{"token": "[redacted:github]"}',
  );
  expect(redact(`PASSWORD=${VALUE}<private>x</private>`).text).not.toContain(VALUE);
});

test("what is left of a cookie header after a private part is still looked at", () => {
  const header = `Cookie: a=<private>x</private>; sid=${VALUE}`;
  expect(redact(header).text).toBe("Cookie: [redacted:cookie]");
});

test.each(["Authorization: Bearer ", "api_key=", 'token: "', "Cookie: sid=", "https://ada:"])(
  "a long secret goes to its last character behind %j",
  (before) => {
    const text = `${before}${VALUE.repeat(1000)}@host`;
    expect(redact(text).text).not.toContain(VALUE);
  },
);

test("lone surrogates are replaced, so that what is stored is what was hashed", () => {
  expect(redact("a\ud800b").text).toBe("a\ufffdb");
});

/** Pieces that make texts full of near misses: anchors, quotes, markers and whole secrets. */
const piece = fc.oneof(
  fc.constantFrom(...SECRETS.map(({ value }) => value)),
  fc.constantFrom(...RULES.flatMap(({ anchors }) => anchors)),
  fc.constantFrom(
    "password",
    "token",
    "api_key",
    "=",
    ": ",
    '"',
    "'",
    '\\"',
    "\\",
    "\n",
    " ",
    "\\n",
  ),
  fc.constantFrom(
    "<private>",
    "</private>",
    "\\u003cprivate\\u003e",
    "<private ",
    ">",
    "[private]",
  ),
  fc.constantFrom("[redacted:github]", "://", "@", ":", "&", ",", "a1b2c3d4e5f6g7h8", "-----"),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const texts = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));

test("redacting twice changes nothing more, whatever the text", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = redact(text).text;
      expect(redact(once)).toEqual({ text: once, counts: {} });
      expect(once.isWellFormed()).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("text without an anchor is only made well-formed", () => {
  const plain = fc.string({ unit: fc.constantFrom(..."bdflmn 0.\n\ud800é日") });
  fc.assert(
    fc.property(plain, (text) => {
      expect(redact(text)).toEqual({ text: text.toWellFormed(), counts: {} });
    }),
  );
});

test("a secret is found whatever lines stand around it", () => {
  const line = fc.string({ unit: fc.constantFrom(..."bdflmn 0.,()") });
  fc.assert(
    fc.property(line, fc.constantFrom(...SECRETS), line, (before, { value, canary }, after) => {
      const { text } = redact(`${before}\n${value}\n${after}`);
      expect(text.startsWith(`${before}\n`)).toBe(true);
      expect(text.includes(canary)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
