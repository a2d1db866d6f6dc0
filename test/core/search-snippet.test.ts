import { expect, test } from "bun:test";
import { snippetOf } from "../../core/search/snippet.ts";
import { queryTerms } from "../../core/search/terms.ts";

const FILLER = "Unrelated words fill this message. ".repeat(60);

/** The snippet of a talk in which question and answer take turns. */
function shown(query: string, texts: readonly string[]) {
  let body = "";
  const spans = texts.map((text, n) => {
    const start = body.length + (body ? 2 : 0);
    body = body ? `${body}\n\n${text}` : text;
    return { uuid: `m-${n}`, role: n % 2 ? "assistant" : "user", start, end: body.length };
  });
  return snippetOf({ body, spans }, queryTerms(query));
}

test.each([
  ["gateway", "The PaymentGatewayClient times out."],
  ["decoder", "A JSONDecoder fails on it."],
  ["接続", "データベースの接続を閉じる"],
  ["閉", "データベースの接続を閉じる"],
  ["サーバー", "それはサーバーの問題です"],
  ["cafés", "It is the café of the base."],
])("the query %p shows the message that says %p", (query, said) => {
  const { text, uuids } = shown(query, [FILLER, FILLER, `${FILLER}${said} ${FILLER}`, FILLER]);

  expect(uuids).toEqual(["m-2"]);
  expect(text).toContain(said);
});

test("a match within a long CJK run is shown where it is", () => {
  const { text } = shown("接続", [`${"語".repeat(3000)}接続${"文".repeat(3000)}`, FILLER]);

  expect(text).toContain("接続");
});

test("where no message matches, the heads of the question and of the answer are shown", () => {
  const { text, uuids } = shown("nowhere", [
    `The question. ${FILLER}`,
    `The answer. ${FILLER}`,
    FILLER,
    FILLER,
  ]);

  expect(uuids).toEqual(["m-0", "m-1"]);
  expect(text).toStartWith("The question.");
  expect(text).toContain("\n…\nThe answer.");
});
