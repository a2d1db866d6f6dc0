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
