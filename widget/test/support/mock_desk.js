/**
 * A small desk for tests: the public API and the patient's socket, answering with the contract's sample messages.
 * What a test wants to go wrong is switched on its `faults`. It never runs in the product.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const file = (path) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
const sample = (name) => JSON.parse(file(`../contracts/samples/${name}.json`));
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws:; img-src 'self'; base-uri 'none'; "
  + "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const HOST_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Clinic</title><link rel="stylesheet" href="/host.css"></head><body><main><h1>Clinic</h1><p>Opening hours and <a href="#">directions</a>.</p>
<p><input id="host-input" aria-label="Search"></p></main><noscript><p>Emergency? Call your local emergency number.</p></noscript>
<script src="/widget.js" data-lang="en" async></script></body></html>`;
const EMPTY = { author_name: null, lang: "en", dir: "ltr", answers: [], caveats: [], actions: [], choices: [] };
const ANSWER = {
  short: "Stem-cell transplant has been tried for severe lupus. Some people improved, others had serious harm. It is **not a cure**.",
  more: "It is done only when other treatments have failed.\n\n- It needs a hospital stay.\n- It needs strong chemotherapy.\n\nAsk your team whether a trial is right for you.",
  title: "Stem cells and lupus",
};

export class MockDesk {
  /** @param {{config?: object, csp?: string, hostCss?: string}} [options] */
  constructor({ config = {}, csp = CSP, hostCss = "body{font:16px/1.5 sans-serif;margin:2rem;max-width:40rem}" } = {}) {
    Object.assign(this, { config: { ...sample("config.demonstration"), ...config }, csp, hostCss });
    this.faults = {};
    this.chats = new Map();
    this.received = [];
    this.frames = [];
    this.http = createServer((request, response) => this.#serve(request, response));
    this.sockets = new WebSocketServer({ noServer: true });
    this.http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @returns {Promise<string>} The origin. */
  async start(port = 0) {
    await new Promise((done) => this.http.listen(port, "127.0.0.1", done));
    this.port = this.http.address().port;
    return `http://127.0.0.1:${this.port}`;
  }

  async stop() {
    this.dropSockets();
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
  }

  dropSockets() {
    for (const client of this.sockets.clients) client.terminate();
  }

  /** Adds a message to a chat and pushes it. */
  push(chat, message) {
    const stored = { ...EMPTY, created_at: "2026-11-22T12:00:00Z", ...message, seq: chat.messages.length + 1 };
    chat.messages.push(stored);
    this.#toSockets(chat, { type: "message", message: stored });
    return stored;
  }

  setStatus(chat, status, more = {}) {
    chat.status = status;
    this.#toSockets(chat, { type: "status", status, available: true, shared: chat.shared, ...more });
  }

  get chat() {
    return [...this.chats.values()].at(-1);
  }

  #toSockets(chat, frame) {
    for (const client of this.sockets.clients) if (client.chat === chat) client.send(JSON.stringify(frame));
  }

  #new() {
    const chat = { id: randomBytes(18).toString("base64url"), token: randomBytes(32).toString("base64url"), status: "assistant", shared: false, messages: [], byId: new Map() };
    this.chats.set(chat.id, chat);
    this.push(chat, { author: "assistant", kind: "small_talk", text: "Hello. What would you like to know about autoimmune conditions or stem-cell therapy?",
      choices: [{ choice_id: `greeting-symptoms-${chat.messages.length}`, label: "What are the symptoms of lupus?" },
        { choice_id: `greeting-cells-000${chat.messages.length}`, label: "Can stem cells cure an autoimmune condition, and who decides whether a trial is right?" }] });
    return chat;
  }

  /** Stores once per client_message_id and answers, like the desk. */
  take(chat, { text, choice, client_message_id: id }) {
    if (chat.byId.has(id)) return chat.byId.get(id);
    this.received.push(id);
    const words = text ?? "What are the symptoms of lupus?";
    const own = this.push(chat, { author: "patient", kind: "text", text: this.faults.mask ? words.replace(this.faults.mask, "[masked]") : words, client_message_id: id });
    const replies = chat.status === "assistant" ? [this.push(chat, this.reply(words, choice))] : [];
    const taken = { own, replies };
    chat.byId.set(id, taken);
    return taken;
  }

  reply(text) {
    if (/chest pain/.test(text)) {
      return { ...sample("message.emergency"), text: "**Call 911 now.** Do not wait for a reply here.\n\n- Do not drive.\n- Unlock the door.\n\nStaff have been alerted. Do not wait for them." };
    }
    if (/^say:/.test(text)) return { author: "assistant", kind: "text", text: text.slice(4) };
    if (/^raw:/.test(text)) return { author: "assistant", kind: "text", ...JSON.parse(text.slice(4)) };
    if (/person|tired/.test(text)) return { author: "assistant", kind: "clinician", text: "Your own team knows your history. They can answer this." };
    if (!/lupus|stem/.test(text)) return { author: "assistant", kind: "fallback", text: "I do not know the answer to that." };
    const answer = { ...sample("answer.full"), ...ANSWER };
    answer.caveats = [{ caveat_id: "unproven_cells", position: "above", text: "Outside a trial this treatment is unproven. Nobody can promise a cure." },
      { caveat_id: "keep_medicines", position: "below", text: "Do not stop or change a medicine without the person who prescribed it." }];
    return { ...sample("message.answer"), text: `**${ANSWER.title}**\n\n${ANSWER.short}`, answers: [answer],
      caveats: [{ caveat_id: "not_medical_advice", text: "This is general information, not advice for you." }],
      choices: [{ choice_id: `next-risks-0123456-${text.length}`, label: "What are the risks?" }, { choice_id: `next-trial-0123456-${text.length}`, label: "How do I find a trial?" }] };
  }

  #upgrade(request, socket, head) {
    const id = request.url.split("/").pop();
    if (this.faults.noSocket || this.faults.down) return socket.destroy();
    this.sockets.handleUpgrade(request, socket, head, (client) => {
      client.on("message", (data) => this.#frame(client, id, JSON.parse(data)));
    });
  }

  #frame(client, id, frame) {
    this.frames.push(frame);
    if (client.readyState !== client.OPEN) return; // Buffered behind a cut line: a real cut loses these too.
    if (frame.type === "auth") {
      const chat = this.chats.get(id);
      if (!chat || chat.token !== frame.token) return client.close(4401);
      client.chat = chat;
      for (const message of this.#shuffled(chat.messages.filter(({ seq }) => seq > frame.after))) client.send(JSON.stringify({ type: "message", message }));
      client.send(JSON.stringify({ type: "status", status: chat.status, available: true, shared: chat.shared }));
      return;
    }
    if (frame.type === "seen") client.chat.seen = frame.seq;
    if (frame.type !== "message") return;
    if (this.faults.dropBeforeStore > 0) return (this.faults.dropBeforeStore -= 1, client.terminate());
    if (this.faults.refuse) return client.send(JSON.stringify({ ...this.faults.refuse, type: "error", client_message_id: frame.client_message_id }));
    const { own } = this.take(client.chat, frame);
    if (this.faults.dropBeforeAck > 0) return (this.faults.dropBeforeAck -= 1, client.terminate());
    if (this.faults.twice) this.#toSockets(client.chat, { type: "message", message: own });
    client.send(JSON.stringify({ type: "ack", client_message_id: frame.client_message_id, seq: own.seq }));
  }

  #shuffled(messages) {
    return this.faults.reorder ? [...messages].reverse() : messages;
  }

  async #serve(request, response) {
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": "*", "Content-Type": status >= 400 ? "application/problem+json" : "application/json", ...headers });
      response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : body && JSON.stringify(body));
    };
    const url = new URL(request.url, "http://desk");
    if (request.method === "OPTIONS") return send(204);
    if (url.pathname === "/widget.js") return send(200, file("dist/askimmune.js"), { "Content-Type": "text/javascript" });
    if (url.pathname === "/host.css") return send(200, this.hostCss, { "Content-Type": "text/css" });
    if (url.pathname === "/" || url.pathname === "/chat/") {
      const tag = HOST_PAGE.match(/<script.*script>/)[0];
      const page = url.pathname === "/" ? HOST_PAGE.replace(tag, this.twice ? tag + tag : tag) : HOST_PAGE.replace(/<main>.*<\/main>/s, "").replace("async", 'data-mode="page" async').replace("<body>", '<body class="page">');
      return send(200, page, { "Content-Type": "text/html", "Content-Security-Policy": this.csp });
    }
    if (url.pathname.startsWith("/control/")) return this.#control(url, await read(request), send);
    if (this.faults.down) return request.socket.destroy();
    if (this.faults.http) return send(this.faults.http.status, this.faults.http, this.faults.http.headers);
    this.#api(request.method, url, request.headers.authorization, await read(request), send);
  }

  #api(method, url, authorization, body, send) {
    const [, id, rest = ""] = /^\/api\/v1\/(?:conversations\/([^/]+)(\/.*)?)?/.exec(url.pathname) || [];
    if (url.pathname === "/api/v1/config") return send(200, this.config);
    if (url.pathname === "/api/v1/conversations") {
      const chat = this.#new();
      return send(201, { conversation_id: chat.id, token: chat.token, status: chat.status, messages: chat.messages });
    }
    const chat = this.chats.get(id);
    if (!chat || authorization !== `Bearer ${chat.token}`) {
      if (method === "POST" && /chest pain/.test(body.text || "")) return send(200, { status: "assistant", messages: [{ ...sample("message.emergency"), seq: 0 }] });
      return send(chat ? 401 : 404, { title: "No such conversation", detail: "", status: 404, help: "If this is an emergency, call 911." });
    }
    if (method === "GET" && rest === "/messages") {
      return send(200, { status: chat.status, messages: chat.messages.filter(({ seq }) => seq > Number(url.searchParams.get("after"))) });
    }
    if (method === "POST" && rest === "/messages") {
      if ([...(body.text || "")].length > 2000) return send(413, sample("problem.too_long"));
      const { own, replies } = this.take(chat, body);
      return send(200, { status: chat.status, messages: [own, ...replies] });
    }
    if (rest === "/escalation") {
      if (!body.share || (body.contact && !body.contact.consent)) return send(422, { title: "Consent is needed", detail: "Tick the box.", status: 422 });
      if (/@$/.test(body.contact?.email || "")) return send(422, { title: "Not valid", detail: "Please check.", status: 422, errors: [{ field: "contact.email", detail: "This is not an e-mail address." }] });
      this.contact = body.contact;
      chat.shared = true;
      const message = this.push(chat, { author: "system", kind: "handoff", text: "We have asked the team. You are in line." });
      this.setStatus(chat, "waiting_for_staff", { position: 2, expected: "in the next hour" });
      return send(200, { status: chat.status, messages: [message] });
    }
    if (method === "DELETE") {
      this.chats.delete(id);
      return send(200, { receipt: "R-1234", erased_at: "2026-11-22T12:00:00Z", kept: [] });
    }
    if (rest === "/transcript") return send(200, chat.messages.map(({ text }) => text).join("\n"), { "Content-Type": "text/plain" });
    if (rest === "/clearance") return ((chat.cleared = body.seq), send(200, { status: chat.status, messages: [] }));
    if (/feedback$/.test(rest)) return ((chat.helpful = body.helpful), send(204));
    if (rest === "/seen") return send(204);
    if (rest === "" && method === "GET") return send(200, { conversation_id: id, status: chat.status, last_seq: chat.messages.length, shared: chat.shared });
    return send(404, { title: "Not found", detail: "", status: 404 });
  }

  /** For browser tests in another process: faults, pushes and drops over HTTP. */
  #control(url, body, send) {
    const what = url.pathname.split("/").pop();
    if (what === "faults") this.faults = body;
    else if (what === "drop") this.dropSockets();
    else if (what === "push") this.push(this.chat, body);
    else if (what === "frame") this.#toSockets(this.chat, body);
    else if (what === "status") this.setStatus(this.chat, body.status, body);
    else if (what === "host") Object.assign(this, body);
    else if (what === "forget") this.chats.clear();
    send(200, { received: this.received, frames: this.frames, chats: this.chats.size, last: this.chat && { seen: this.chat.seen, cleared: this.chat.cleared, helpful: this.chat.helpful, texts: this.chat.messages.map(({ text }) => text) }, contact: this.contact ?? null });
  }
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
}

if (process.argv.includes("--serve")) {
  const desk = new MockDesk();
  console.log(await desk.start(Number(process.env.PORT || 0)));
}
