import { expect, test } from "bun:test";
import fc from "fast-check";
import { DEPENDENCY_TYPES, type Edge, proximities } from "../../core/project/proximity.ts";

test("a dependency is nearer than what depends on me, and each hop is further", () => {
  const edges: Edge[] = [
    { source: "gateway", target: "user", type: "extends" },
    { source: "user", target: "auth", type: "uses" },
    { source: "auth", target: "crypto", type: "shares_code" },
  ];

  const near = proximities("user", edges);

  expect(Object.fromEntries(near)).toEqual({
    auth: 0.85,
    gateway: 0.76,
    crypto: 0.459,
  });
});

test("the best of several paths counts", () => {
  const near = proximities("a", [
    { source: "a", target: "b", type: "references" },
    { source: "a", target: "c", type: "extends" },
    { source: "c", target: "b", type: "extends" },
  ]);

  expect(near.get("b")).toBe(0.65);
});

test("whatever the graph, circles too: never itself, always within 0 and 1, at most three hops", () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e");
  const edge = fc.record({ source: key, target: key, type: fc.constantFrom(...DEPENDENCY_TYPES) });

  fc.assert(
    fc.property(fc.array(edge, { maxLength: 12 }), (edges) => {
      const near = proximities("a", edges);

      expect(near.has("a")).toBe(false);
      for (const value of near.values()) {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(1);
      }
    }),
  );
});
