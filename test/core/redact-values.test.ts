import { expect, test } from "bun:test";
import { redact } from "../../core/kernel/redact.ts";
import { Random } from "../bench/random.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHABETS = {
  "letters and digits": `${LETTERS}0123456789`,
  "letters, digits and symbols": `${LETTERS}0123456789!@#$%^*-_+=?.`,
  "hexadecimal digits": "0123456789abcdef",
  "small letters and digits": "abcdefghijklmnopqrstuvwxyz0123456789",
  letters: LETTERS,
};

/** How a secret is given to a name that says what it is. */
const GIVEN = [
  "password = @\n",
  'password = "@"\n',
  "db:\n  password: @\n",
  'api_key: "@",\n',
  "api_key = @\n",
  '{"secret": "@"}',
  "token: @\n",
  "const token = '@';",
  "export TOKEN=@\n",
  "The secret is @.",
] as const;

/** Of 1,000 drawn values of 12 characters this many may read as words. */
const MOST_MISSED: Readonly<Record<keyof typeof ALPHABETS, number>> = {
  "letters and digits": 8,
  "letters, digits and symbols": 20,
  "hexadecimal digits": 10,
  "small letters and digits": 8,
  letters: 30,
};

function drawn(random: Random, alphabet: string): string {
  return Array.from({ length: 12 }, () => random.pick(alphabet.split(""))).join("");
}

for (const given of GIVEN) {
  test.each(Object.entries(ALPHABETS))(
    `drawn values of 12 characters go from ${JSON.stringify(given)}: %s`,
    (name, alphabet) => {
      const random = new Random(7);
      const values = Array.from({ length: 1000 }, () => drawn(random, alphabet));

      const missed = values.filter((value) =>
        redact(given.replace("@", () => value)).text.includes(value),
      );

      expect(missed.length).toBeLessThanOrEqual(MOST_MISSED[name as keyof typeof ALPHABETS]);
    },
  );
}

test.each([
  "password = kX9vQ2mLr8Tz",
  'api_key: "qLwZtRvBnXcM"',
  "token = kX9vQ2mL",
  "secret: Gh7$kd!2",
  "password: TzKqWvRb",
  'password: "myPassword1"',
  "password: $KqzXwvTBnr7",
])("a short value goes: %s", (text) => {
  expect(redact(text).counts).toEqual({ assignment: 1 });
});

test.each([
  "password = getPassword()",
  "password = await readPassword(stdin)",
  "token: string",
  "privateKey: KeyObject): boolean",
  "secret: process.env.APP_SECRET",
  'token = "userToken"',
  'token = "refreshTokenValue"',
  "password: <password>",
  "api_key = YOUR_API_KEY",
  'api_key: "AWS_LAMBDA"',
  "self.db_passwd = db_passwd",
  "token = Keyword.Pseudo",
  "token: **Bearer**",
  "secret: clientSecret,",
  "password: hashedPassword2,",
  "password: $dbPassword",
  "password = $mysql_pwd",
  "password: %(db_password)s",
  'token: "%s/%s/aws4_request"',
  'token: "2024-01-01"',
  'token: "9.0.0-rc.1"',
  'token: "2.10.4-x64"',
  'password: "$MYSQLPWD"',
  'password: "Passwort eingeben"',
  "Authorization: AWS4-HMAC-SHA256 Credential=",
  'Set-Cookie: "foo=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT"',
])("what reads as words or as code stays: %s", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});

test("the scheme of a signed request stays, its credential goes", () => {
  const text =
    "Authorization: AWS4-HMAC-SHA256 Credential=ada9kXz/20260109/us-east-1/s3/aws4_request";
  expect(redact(text).text).toBe("Authorization: AWS4-HMAC-SHA256 [redacted:authorization]");
});

const DRAWN = "Zq8Lw2Rt7YxN4mKc9Vb3Hd6Fs1Jp5G";

test.each([
  `setx API_KEY "${DRAWN}"`,
  `setx API_KEY ${DRAWN} /M`,
  `set -gx SECRET_TOKEN ${DRAWN}`,
  `set --global --export SECRET_TOKEN '${DRAWN}'`,
  `setenv API_TOKEN ${DRAWN}`,
  `key: "${DRAWN}"`,
  `{"key": "${DRAWN}"}`,
  `{\\"key\\":\\"${DRAWN}\\"}`,
  `const key = '${DRAWN}';`,
  `https://maps.example.com/api?key=${DRAWN}&page=2`,
  `https://api.example.com/v1?key=9f86d081884c7d659a2feaa0c55ad015 was called`,
  `密码：${DRAWN}`,
  `密码: kX9vQ2mLr8Tz`,
  `密码是 ${DRAWN}`,
  "密碼：kX9vQ2mLr8Tz",
  "Passwort: kX9vQ2mLr8Tz",
  "Das Passwort ist kX9vQ2mLr8Tz.",
  'Kennwort = "kX9vQ2mLr8Tz"',
  "contraseña: kX9vQ2mLr8Tz",
  "Mot de passe : kX9vQ2mLr8Tz",
  "wachtwoord: kX9vQ2mLr8Tz",
  "senha: kX9vQ2mLr8Tz",
  "Hasło: kX9vQ2mLr8Tz",
  "Пароль: kX9vQ2mLr8Tz",
  "パスワード：kX9vQ2mLr8Tz",
  "비밀번호: kX9vQ2mLr8Tz",
])("an assigned value goes, whatever its name is called: %s", (text) => {
  expect(redact(text).counts).toEqual({ assignment: 1 });
});

test.each([
  'key: "value"',
  'key: "linux-node-modules-cache-v2-release"',
  'key: "8609204aa1f0d5b3eb3c3f1f9a5d0e7c2b4a6d88"',
  'cacheKey: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
  'key: "550e8400-e29b-41d4-a716-446655440000"',
  `key: "sha512-${"qA9x7ZwB".repeat(11)}=="`,
  `key: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ${"AAAADUlEQVR42mNk".repeat(9)}"`,
  `publicKey: "${DRAWN}"`,
  `PublicKey = ${DRAWN}${DRAWN.slice(0, 13)}=`,
  `{"publishable_key": "${DRAWN}"}`,
  `monkey ${DRAWN}`,
  "https://example.com/list?key=createdAt&sort=descending",
  "https://example.com/list?key=550e8400-e29b-41d4-a716-446655440000",
  "Object.keys(map).find((key) => key === 'aVeryLongPropertyNameOfSomeObject2')",
  "set -euo pipefail; token count",
  "set -x TOKEN because the next command needs it",
  "setx API_KEY followed by its value",
  "Passwort: bitte neu eingeben und dann bestätigen",
  "Passwort: zurücksetzen",
  "Das Passwort ist falsch.",
  "密码：请输入新的密码",
  "密码是错误的",
  "contraseña: incorrecta",
  "mot de passe : oublié",
  "il se passe: rien",
  "basename: path/nha: senhas",
])("what only looks like an assigned secret stays: %s", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});

const WORDS = "ridge copper lunar gadget velvet orbit hidden tomato sunset pencil wagon quiz";

test.each([
  `seed phrase: ${WORDS}`,
  `MNEMONIC="${WORDS}"`,
  `{"mnemonic": "${WORDS} ${WORDS}"}`,
  `my recovery phrase is ${WORDS}`,
  `seed words: ${WORDS.split(" ")
    .map((word, i) => `${i + 1}. ${word}`)
    .join(" ")}`,
])("a named seed phrase goes: %s", (text) => {
  const { text: clean, counts } = redact(text);
  expect(clean).not.toMatch(/ridge|tomato|quiz/);
  expect(counts).toEqual({ "seed-phrase": 1 });
});

test.each([
  "seed phrase: write the words down on paper and never store them with the wallet itself",
  "a mnemonic: words that help people remember long lists better than plain numbers would",
  "seed: 42, then shuffle",
  `these twelve words mean nothing: ${WORDS}`,
])("prose about seeds stays: %s", (text) => {
  expect(redact(text)).toEqual({ text, counts: {} });
});
