import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hasAlarm, initialState, lastSeqWithoutGap, leadOf, reduce } from "../../src/state.js";

const sample = (name) => JSON.parse(readFileSync(new URL(`../../../contracts/samples/${name}.json`, import.meta.url)));
const message = (seq, more = {}) => ({ ...sample("message.staff"), seq, text: `words ${seq}`, ...more });
const own = (seq, id) => ({ ...sample("message.patient"), seq, client_message_id: id, text: "stored" });
const run = (...events) => events.reduce(reduce, initialState());
const seqs = (state) => state.messages.map(({ seq }) => seq);

test("it keeps messages in the order of seq, however they arrive", () => {
  const state = run(...[3, 1, 2, 5, 4].map((seq) => ({ type: "message", message: message(seq) })));
  assert.deepEqual(seqs(state), [1, 2, 3, 4, 5]);
});

test("it drops a message that it already holds", () => {
  const state = run({ type: "message", message: message(1) }, { type: "message", message: message(1) });
  assert.deepEqual(seqs(state), [1]);
});

test("it asks again only from the first gap", () => {
  assert.equal(lastSeqWithoutGap([]), 0);
  assert.equal(lastSeqWithoutGap([{ seq: 1 }, { seq: 2 }, { seq: 4 }]), 2);
  assert.equal(lastSeqWithoutGap([{ seq: 3 }]), 0);
  assert.equal(lastSeqWithoutGap([{ seq: 0 }, { seq: 1 }]), 1);
});

test("it shows what the patient sent once, whether the ack or the echo comes first", () => {
  const queued = { type: "queued", item: { id: "a", text: "typed" } };
  const ack = { type: "ack", id: "a", seq: 2 };
  const echo = { type: "message", message: own(2, "a") };
  for (const order of [[ack, echo], [echo, ack]]) {
    const state = run(queued, ...order);
    assert.equal(state.outbox.length, 0);
    assert.deepEqual(state.messages.map(({ seq, text }) => [seq, text]), [[2, "stored"]]);
  }
});

test("it says at once that words cannot go out while there is no connection", () => {
  const state = run({ type: "connection", connection: "retrying" }, { type: "queued", item: { id: "a", text: "x" } });
  assert.equal(state.outbox[0].state, "unsent");
});

test("it keeps unsent words when the chat is replaced, and nothing when it is deleted", () => {
  const events = [{ type: "queued", item: { id: "a", text: "x" } }, { type: "message", message: message(1) }];
  const replaced = run(...events, { type: "reset", keepOutbox: true });
  assert.deepEqual([replaced.outbox.length, replaced.messages.length], [1, 0]);
  assert.equal(run(...events, { type: "reset" }).outbox.length, 0);
});

test("it counts unread messages only while closed, and never restored ones or the patient's own", () => {
  const open = run({ type: "opened" }, { type: "message", message: message(1) });
  assert.equal(open.unread, 0);
  const closed = [{ type: "closed" }, { type: "message", message: message(2) }, { type: "message", message: own(3, "b") }].reduce(reduce, open);
  assert.equal(closed.unread, 1);
  assert.equal(reduce(closed, { type: "opened" }).unread, 0);
  assert.equal(run({ type: "restoring", on: true }, { type: "message", message: message(1) }).unread, 0);
});

test("it keeps an alarm until that card is cleared, and raises it for the next one (S-11)", () => {
  const card = (seq) => ({ type: "message", message: { ...sample("message.emergency"), seq } });
  let state = run(card(3));
  assert.equal(hasAlarm(state), true);
  state = reduce(state, { type: "cleared", seq: 3 });
  assert.equal(hasAlarm(state), false);
  assert.equal(hasAlarm(reduce(state, card(5))), true);
});

test("it says the card of an unstored message once for each sending (S-12)", () => {
  const queued = (id) => ({ type: "queued", item: { id, text: "chest pain" } });
  const card = { type: "message", message: { ...sample("message.emergency"), seq: 0 } };
  const once = run(queued("a"), card, card);
  assert.equal(once.messages.length, 1);
  assert.equal([queued("b"), card].reduce(reduce, once).messages.length, 2);
});

test("a reply that names only the status does not wipe the place in line", () => {
  const waiting = run({ type: "status", ...sample("frame_server.status"), type: "status" });
  assert.equal(waiting.position, 2);
  assert.equal(reduce(waiting, { type: "status", status: "waiting_for_staff", partial: true }).position, 2);
  assert.equal(reduce(waiting, { type: "status", status: "assistant", partial: true }).position, null);
});

test("it marks a withdrawn answer and keeps the rest of the message", () => {
  const state = run({ type: "message", message: message(2) }, sample("frame_server.withdrawn"));
  assert.deepEqual(state.messages[0].withdrawn, ["lupus.cure"]);
});

test("an event that it does not know changes nothing", () => {
  const state = initialState();
  assert.equal(reduce(state, { type: "constructor" }), state);
  assert.equal(reduce(state, { type: "later-version" }), state);
});

test("it shows the lines before an answer, and not the answer a second time", () => {
  const answer = sample("answer.full");
  const shown = (text) => leadOf({ kind: "clinician", text, answers: [answer], caveats: [] });
  const rest = `**Please note:** ${answer.caveats[0].text}\n\n**${answer.title}**\n\n${answer.short}`;
  assert.equal(shown(`Your own team knows your history.\n\nAsk them.\n\n${rest}`), "Your own team knows your history.\n\nAsk them.");
  assert.equal(shown(rest), "");
  assert.equal(shown(`**${answer.title}** ${answer.short}`), "");
  assert.equal(leadOf({ kind: "fallback", text: "I do not know.", answers: [], caveats: [] }), "I do not know.");
});

test("a card that was cleared in an earlier visit raises no alarm", () => {
  assert.equal(hasAlarm(run({ type: "message", message: { ...sample("message.emergency"), actions: [] } })), false);
});
