import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import WebSocket from "ws";
import { initialState, lastSeqWithoutGap, reduce } from "../../src/state.js";
import { createStore } from "../../src/store.js";
import { Transport } from "../../src/transport.js";
import { MockDesk } from "../support/mock_desk.js";

const QUICK = { ack: 150, connect: 80, poll: 40, hidden: 60, retry: () => 15 };
const area = () => { const held = new Map(); return { getItem: (k) => held.get(k) ?? null, setItem: (k, v) => held.set(k, v), removeItem: (k) => held.delete(k) }; };
const open = [];

/** A patient: the real transport, reducer and store against a mock desk, without a page. */
class Patient {
  constructor(desk, origin, storage) {
    Object.assign(this, { desk, origin, events: [], state: initialState() });
    this.storage = storage || { local: area(), session: area() };
    this.store = createStore(origin, this.storage);
    this.transport = new Transport({
      desk: origin, store: this.store, WebSocket, waits: QUICK, isHidden: () => false, lang: "en",
      after: () => lastSeqWithoutGap(this.state.messages),
      emit: (event) => { this.events.push(event); this.state = reduce(this.state, event); },
    });
    open.push(this);
  }

  get texts() {
    return this.state.messages.filter(({ author }) => author === "patient").map(({ text }) => text);
  }

  says(...texts) {
    for (const text of texts) this.transport.send({ text });
  }

  async until(what, because) {
    const end = Date.now() + 5000;
    while (!what(this)) {
      if (Date.now() > end) assert.fail(`${because}: ${JSON.stringify({ ...this.state, config: null })}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  arrived(...texts) {
    return this.until(() => this.texts.length >= texts.length && !this.state.outbox.length, "not all arrived")
      .then(() => assert.deepEqual(this.texts, texts));
  }
}

async function meet(faults = {}) {
  const desk = new MockDesk();
  const origin = await desk.start();
  desk.faults = faults;
  const patient = new Patient(desk, origin);
  return { desk, origin, patient };
}

afterEach(async () => {
  for (const patient of open.splice(0)) {
    patient.transport.stop();
    if (patient.desk.http.listening) await patient.desk.stop();
  }
});

test("it opens a chat, asks by socket and gets the answer", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  await patient.until(({ state }) => state.connection === "open", "no socket");
  patient.says("what is lupus?");
  await patient.arrived("what is lupus?");
  await patient.until(({ state }) => state.messages.at(-1).kind === "answer", "no answer");
  assert.deepEqual(patient.state.messages.map(({ seq }) => seq), [1, 2, 3]);
  assert.equal(desk.received.length, 1);
  assert.equal(patient.state.config.mode, "demonstration");
});

test("words sent before the chat is open go out in order", async () => {
  const { patient } = await meet();
  patient.transport.start();
  patient.says("one", "two", "three");
  await patient.arrived("one", "two", "three");
});

test("50 drops of the connection lose nothing and double nothing", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  const sent = [];
  for (let i = 0; i < 50; i += 1) {
    desk.faults = [{}, { dropBeforeAck: 1 }, { dropBeforeStore: 1 }][i % 3];
    sent.push(`message ${i}`);
    patient.says(sent.at(-1));
    if (i % 5 === 0) desk.dropSockets();
    if (i % 4 === 0) await new Promise((done) => setTimeout(done, 8));
  }
  desk.faults = {};
  await patient.until(() => desk.received.length === 50, "not all stored");
  await patient.until(({ state, texts }) => texts.length === 50 && !state.outbox.length, "not all confirmed");
  assert.deepEqual(patient.texts, sent);
  await patient.until(({ state }) => lastSeqWithoutGap(state.messages) === desk.chat.messages.length, "a gap is left");
  assert.equal(new Set(patient.state.messages.map(({ seq }) => seq)).size, patient.state.messages.length);
});

test("a lost ack is sent again under the same id and stored once (S-12)", async () => {
  const { desk, patient } = await meet({ dropBeforeAck: 1 });
  await patient.transport.start();
  patient.says("I have chest pain");
  await patient.arrived("I have chest pain");
  await patient.until(({ state }) => state.messages.some(({ kind }) => kind === "emergency"), "no card");
  assert.equal(desk.received.length, 1);
  assert.equal(patient.state.messages.filter(({ kind }) => kind === "emergency").length, 1);
});

test("what was missed comes back after a reconnect, in order even if replayed backwards", async () => {
  const { desk, patient } = await meet({ reorder: true });
  await patient.transport.start();
  await patient.until(({ state }) => state.connection === "open", "no socket");
  desk.dropSockets();
  for (const text of ["a", "b", "c"]) desk.push(desk.chat, { author: "staff", kind: "text", text });
  await patient.until(({ state }) => state.messages.length === 4, "not replayed");
  assert.deepEqual(patient.state.messages.slice(1).map(({ text }) => text), ["a", "b", "c"]);
});

test("a message that the desk pushes twice is shown once", async () => {
  const { patient } = await meet({ twice: true });
  await patient.transport.start();
  patient.says("hello", "again");
  await patient.arrived("hello", "again");
});

test("where no socket can be had it goes on over HTTP, and staff replies still arrive", async () => {
  const { desk, patient } = await meet({ noSocket: true });
  await patient.transport.start();
  patient.says("one", "two");
  await patient.arrived("one", "two");
  await patient.until(({ state }) => state.connection === "http", "no fallback");
  desk.push(desk.chat, { author: "staff", author_name: "Sam", kind: "text", text: "hello from Sam" });
  await patient.until(({ state }) => state.messages.at(-1).text === "hello from Sam", "no poll");
  desk.faults = {};
  await patient.until(({ state }) => state.connection === "open", "the socket is not tried again");
});

test("with the desk down words are marked unsent at once, and go out when it is back (S-6)", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  await patient.until(({ state }) => state.connection === "open", "no socket");
  desk.faults = { down: true };
  desk.dropSockets();
  patient.says("are you there?");
  await patient.until(({ state }) => state.outbox[0]?.state === "unsent", "not marked");
  desk.faults = {};
  await patient.arrived("are you there?");
  assert.equal(desk.received.length, 1);
});

test("a refusal keeps the words, shows the help and is not repeated", async () => {
  const { desk, patient } = await meet({ noSocket: true });
  await patient.transport.start();
  patient.says("x".repeat(2001));
  await patient.until(({ state }) => state.outbox[0]?.state === "failed", "not refused");
  assert.match(patient.state.outbox[0].help, /911/);
  assert.equal(patient.transport.queue.length, 0);
  assert.equal(desk.received.length, 0);
});

test("a refusal on the socket that carries a card shows the card", async () => {
  const card = { seq: 0, author: "assistant", kind: "emergency", text: "Call 911", answers: [], caveats: [], actions: [], choices: [] };
  const { patient } = await meet({ refuse: { status: 413, title: "Too long", help: "Call 911", message: card } });
  await patient.transport.start();
  await patient.until(({ state }) => state.connection === "open", "no socket");
  patient.says("long");
  await patient.until(({ state }) => state.outbox[0]?.state === "failed", "not refused");
  assert.equal(patient.state.messages.at(-1).kind, "emergency");
});

test("over the rate it says why, waits and tries again", async () => {
  const { desk, patient } = await meet({ refuse: { status: 429, title: "Too many", help: "Call 911" } });
  await patient.transport.start();
  await patient.until(({ state }) => state.connection === "open", "no socket");
  patient.says("slow down");
  await patient.until(({ state }) => state.outbox[0]?.help === "Call 911", "no help");
  desk.faults = {};
  await patient.arrived("slow down");
});

test("an emergency gets its card even if no chat could be opened", async () => {
  const { desk, patient } = await meet();
  desk.faults = {};
  const api = patient.transport.api;
  patient.transport.api = (method, path, options) => (path === "/conversations"
    ? api(method, "/no-such-call", options).catch((problem) => { problem.status = 503; throw problem; }) : api(method, path, options));
  patient.transport.start();
  patient.says("chest pain");
  await patient.until(({ state }) => state.messages.some(({ kind }) => kind === "emergency"), "no card");
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(patient.state.messages.length, 1, "the card is said once, although the words are tried again");
  assert.equal(patient.state.outbox[0].state, "unsent");
});

test("a reload resumes the chat, restores it marked as history, and sends what was unsent", async () => {
  const { desk, origin, patient } = await meet();
  await patient.transport.start();
  patient.says("first");
  await patient.arrived("first");
  desk.faults = { down: true };
  desk.dropSockets();
  patient.says("second");
  patient.transport.stop();
  desk.faults = {};
  const again = new Patient(desk, origin, patient.storage);
  await again.transport.start();
  await again.arrived("first", "second");
  assert.equal(desk.chats.size, 1);
  const kinds = again.events.map(({ type, on }) => (type === "restoring" ? `${type} ${on}` : type));
  assert.ok(kinds.indexOf("restoring true") < kinds.indexOf("message") && kinds.indexOf("message") < kinds.indexOf("restoring false"));
});

test("somebody who only looked leaves no key in the browser", async () => {
  const { patient } = await meet();
  await patient.transport.start();
  assert.equal(patient.store.chat(), null);
  patient.says("hello");
  await patient.arrived("hello");
  assert.ok(patient.store.chat().token);
});

test("a chat that the desk no longer knows is replaced, and unsent words go to the new one", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  patient.says("first");
  await patient.arrived("first");
  desk.chats.clear();
  desk.dropSockets();
  patient.says("second");
  await patient.arrived("second");
  assert.ok(patient.events.some(({ type }) => type === "lost"));
  assert.equal(desk.chats.size, 1);
});

test("an emergency under a key that is no longer good gets its card, and then a chat that stores it", async () => {
  const { desk, patient } = await meet({ noSocket: true });
  await patient.transport.start();
  desk.chats.clear();
  patient.says("chest pain");
  await patient.until(({ state }) => state.messages.some(({ kind }) => kind === "emergency"), "no card");
  await patient.arrived("chest pain");
  assert.equal(desk.chat.messages.at(-1).kind, "emergency");
});

test("asking a person shares, and contact goes only with consent", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  await patient.transport.askPerson({ name: "Ana", consent: true });
  await patient.until(({ state }) => state.status === "waiting_for_staff" && state.shared, "no status");
  assert.deepEqual(desk.contact, { name: "Ana", consent: true });
  await assert.rejects(patient.transport.askPerson({ name: "Ana" }), (problem) => problem.status === 422);
});

test("deleting erases here and there and gives the receipt", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  patient.says("hello");
  await patient.arrived("hello");
  assert.equal((await patient.transport.erase()).receipt, "R-1234");
  assert.deepEqual([patient.store.chat(), patient.state.messages.length, desk.chats.size], [null, 0, 0]);
});

test("a deletion that fails leaves the chat as it was", async () => {
  const { desk, patient } = await meet();
  await patient.transport.start();
  patient.says("hello");
  await patient.arrived("hello");
  desk.faults = { http: { status: 503, title: "Later", detail: "Try later." } };
  await assert.rejects(patient.transport.erase(), (problem) => problem.status === 503);
  assert.ok(patient.store.chat());
  assert.equal(patient.texts.length, 1);
});
