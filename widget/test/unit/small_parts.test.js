import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_WAIT_MS, LONGEST_WAIT_MS, waitBeforeRetry } from "../../src/backoff.js";
import { ALL_NUMBERS, splitNumbers } from "../../src/emergency.js";
import { createStore } from "../../src/store.js";
import { en, translator } from "../../src/strings.js";
import { uuid } from "../../src/transport.js";

test("waits grow from half a second to half a minute, half of each at random", () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
    assert.equal(waitBeforeRetry(attempt, () => 0), ceiling / 2);
    assert.ok(waitBeforeRetry(attempt, () => 0.999) < ceiling);
  }
});

test("every number that the emergency line names becomes a link, in its place (S-6)", () => {
  const parts = splitNumbers("Emergency? Call 911, 999, 112 or 000.", ALL_NUMBERS);
  assert.deepEqual(parts.map((part) => part.number ?? part), ["Emergency? Call ", "911", ", ", "999", ", ", "112", " or ", "000", "."]);
});

test("a number that the line does not name is still offered", () => {
  assert.equal(splitNumbers("Emergency?", [{ number: "911", label: "Call 911", href: "tel:911" }]).at(-1).number, "911");
});

test("the fixed line holds every number of an unknown region (S-9)", () => {
  for (const { number } of ALL_NUMBERS) assert.match(en.emergency, new RegExp(number));
});

test("blocked, full and broken storage do not break the chat", () => {
  const throwing = { getItem() { throw new Error("blocked"); }, setItem() { throw new Error("full"); }, removeItem() { throw new Error("blocked"); } };
  for (const area of [throwing, null, { getItem: () => "{broken", setItem() {}, removeItem() {} }]) {
    const store = createStore("https://desk.example", { local: area, session: area });
    store.saveChat({ id: "a", token: "b" });
    store.saveDraft("x");
    store.clear();
    assert.deepEqual([store.chat(), store.draft(), store.outbox()], [null, "", []]);
  }
});

test("the key to the chat outlives the tab, the patient's words do not", () => {
  const area = () => { const held = new Map(); return { held, getItem: (k) => held.get(k) ?? null, setItem: (k, v) => held.set(k, v), removeItem: (k) => held.delete(k) }; };
  const [local, session] = [area(), area()];
  const store = createStore("https://desk.example", { local, session });
  store.saveChat({ id: "i", token: "t" });
  store.saveDraft("my words");
  store.saveOutbox([{ id: "1", text: "my words" }]);
  assert.doesNotMatch([...local.held.values()].join(), /my words/);
  assert.equal(store.draft(), "my words");
  store.clear();
  assert.equal(local.held.size + session.held.size, 0);
});

test("a missing language or key falls back to English, a missing name stays visible", () => {
  assert.equal(translator("xx-YY")("send"), en.send);
  assert.equal(translator("en-GB")("unreadMany", { n: 3 }), "3 new messages");
  assert.equal(translator("en")("no_such_key"), "no_such_key");
});

test("ids are version 4 UUIDs and differ", () => {
  const ids = new Set(Array.from({ length: 200 }, uuid));
  assert.equal(ids.size, 200);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
