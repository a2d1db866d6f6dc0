import { expect, test } from "bun:test";
import fc from "fast-check";
import { isAmong, toldApart } from "../../core/search/row-lists.ts";
import { tallies } from "../../core/search/tally.ts";

const LAST = 60;
const rowids = fc
  .uniqueArray(fc.integer({ min: 1, max: LAST }), { maxLength: 40 })
  .map((list) => Uint32Array.from(list).sort());
const adding = fc.record({
  rowids,
  weight: fc.double({ min: 0.01, max: 20, noNaN: true }),
  closes: fc.boolean(),
});

const tally = tallies();

test("what is summed up comes the greatest first, of equals the latest, each once", () => {
  fc.assert(
    fc.property(
      fc.array(adding, { maxLength: 8 }),
      fc.integer({ min: 1, max: 30 }),
      (all, most) => {
        const summed = tally(LAST);
        const expected = new Map<number, number>();
        let isOpen = true;
        for (const { rowids, weight, closes } of all) {
          if (closes) summed.close();
          isOpen &&= !closes;
          summed.add(rowids, weight);
          for (const rowid of rowids) {
            const sum = expected.get(rowid);
            if (isOpen || sum !== undefined) expected.set(rowid, (sum ?? 0) + weight);
          }
        }

        const parts = [...summed.greatestFirst(most)];

        const order = [...expected].sort((a, b) => b[1] - a[1] || b[0] - a[0]);
        expect(parts.flat()).toEqual(order.map(([rowid]) => rowid));
        expect(parts.slice(0, -1).every(({ length }) => length === most)).toBe(true);
        for (const [rowid, sum] of expected) {
          expect(summed.of(rowid)).toBe(sum);
          expect(summed.above(sum)).toBe(order.filter(([, other]) => other > sum).length);
        }
      },
    ),
  );
});

test("lists are told apart as sets are, one time like the other", () => {
  fc.assert(
    fc.property(fc.array(rowids, { maxLength: 3 }), fc.array(rowids, { maxLength: 3 }), (a, b) => {
      const { one, other } = toldApart(a, b);
      const first = new Set(a.flatMap((list) => [...list]));
      const rest = new Set(b.flatMap((list) => [...list])).difference(first);
      const inOrder = (set: Set<number>) => [...set].sort((x, y) => x - y);

      expect([...one].sort((x, y) => x - y)).toEqual(inOrder(first));
      expect([...other]).toEqual(inOrder(rest));
      for (let rowid = 1; rowid <= LAST; rowid += 1) {
        expect(isAmong(other, rowid)).toBe(rest.has(rowid));
      }
    }),
  );
});
