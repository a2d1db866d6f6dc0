import { expect, test } from "bun:test";
import { identifier } from "../../core/transcript/rows.ts";
import { callOf, resultOf } from "../../core/transcript/tool.ts";
import { SECRETS } from "../support/secrets.ts";

const FILLER = "an ordinary line of output that says nothing\n".repeat(100);

function outputOf(content: string): string {
  return resultOf({ type: "tool_result", content }, undefined).output;
}

test("what a long output drops hides no half of a private block", () => {
  const output = outputOf(`${FILLER}<private>${FILLER}the word is xyzzy</private> done`);

  expect(output).not.toContain("xyzzy");
  expect(output).toEndWith("done");
});

test("no credential leaves a part of itself where an output is cut", () => {
  for (const { value, canary } of SECRETS) {
    for (const shift of [0, 7, 20]) {
      const cut = `${"x ".repeat((1500 - shift) / 2)}${value} ${FILLER}${value}`;

      expect(outputOf(cut)).not.toContain(canary.slice(0, 16));
      expect(outputOf(cut)).not.toContain(canary.slice(-16));
    }
  }
});

test("a text that a call wrote is redacted before it is cut", () => {
  const [{ value, canary } = { value: "", canary: "" }] = SECRETS;
  const content = `${"x ".repeat(1990)}${value} ${FILLER}`;

  const block = { type: "tool_use", name: "Write", input: { file_path: "/a", content } };
  const call = callOf(block, "message-1");

  expect(call?.input).not.toContain(canary.slice(0, 8));
});

test("an identifier with the shape of a credential, or odd characters, is known by its hash", () => {
  const [{ value } = { value: "" }] = SECRETS;

  expect(identifier("0d6f1f6a-0000-4000-8000-000000000001")).toBe(
    "0d6f1f6a-0000-4000-8000-000000000001",
  );
  expect(identifier("msg_01ABC.x-1")).toBe("msg_01ABC.x-1");
  expect(identifier(value)).toMatch(/^x-[0-9a-f]{32}$/);
  expect(identifier("../../etc/passwd")).toMatch(/^x-[0-9a-f]{32}$/);
  expect(identifier(value)).toBe(identifier(value));
  expect(identifier("")).toBeUndefined();
});
