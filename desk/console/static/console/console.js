// The live page. Everything here also comes with a reload: this only shows it sooner. Text goes in as text nodes.
const page = document.body.dataset;
const byId = (id) => document.getElementById(id);
const PLAIN_TITLE = document.title;
const POLL_MS = 5000;
const MAX_WAIT_MS = 30000;
const URGENT = ["P0", "P1"];
let socket = null;
let tries = 0;
let poll = 0;
let busy = false;
let again = false;
let lastSeq = Number(page.seq || 0);
let audio = null;
const alerted = new Map();

function fill(element, text) {
  element.textContent = text;
  return element;
}

function line(text) {
  return fill(document.createElement("li"), text);
}

function buildRow(row) {
  const item = byId("row-template").content.cloneNode(true).firstElementChild;
  item.dataset.id = row.id;
  item.dataset.level = row.level;
  fill(item.querySelector(".level"), `${row.level} ${row.level_words}`);
  const link = fill(item.querySelector(".open"), row.reason);
  link.href = row.url;
  fill(item.querySelector(".wait"), row.waiting);
  const facts = [row.status, `Region: ${row.region}`, `Language: ${row.language}`, `Last activity: ${row.last}`];
  facts.push(row.shared ? "Words shared" : "Words not shared");
  if (row.owner) facts.push(`Has it: ${row.owner}${row.mine ? " (you)" : ""}`);
  item.querySelector(".facts").append(...facts.map((text) => fill(document.createElement("span"), text)));
  if (row.last_text) {
    item.querySelector(".words").hidden = false;
    fill(item.querySelector("bdi"), row.last_text.slice(0, 160));
  }
  return item;
}

function showRows(rows) {
  const focused = document.activeElement?.closest?.(".row")?.dataset.id;
  byId("rows").replaceChildren(...rows.map(buildRow));
  byId("empty").hidden = rows.length > 0;
  const count = `${rows.length} shown`;
  if (byId("count").textContent !== count) fill(byId("count"), count);
  if (focused) byId("rows").querySelector(`[data-id="${CSS.escape(focused)}"] .open`)?.focus({ preventScroll: true });
  // Also without a socket an urgent ticket rings: the poll finds it.
  for (const row of rows) if (URGENT.includes(row.level) && !row.answered) ring(row.ticket_id, row.level, 0, row.url);
}

function buildMessage(message) {
  const item = byId("message-template").content.cloneNode(true).firstElementChild;
  item.classList.add(message.author, ...(message.safety ? ["safety"] : []));
  item.dataset.seq = message.seq;
  fill(item.querySelector("b"), message.who);
  const time = fill(item.querySelector("time"), message.time);
  time.dateTime = message.at;
  fill(item.querySelector(".kind"), message.kind);
  item.querySelector(".words").lang = message.lang;
  fill(item.querySelector("bdi"), message.hidden ? "Words not shared" : message.text);
  const answers = message.answers.flatMap((a) => [`Answer ${a.answer_id}, version ${a.version}`, ...a.sources.map((s) => `Source: ${s}`)]);
  item.querySelector(".meta").append(...[...message.actions.map((a) => `Shown: ${a}`), ...answers, ...message.marks].map(line));
  const details = item.querySelector("details");
  details.hidden = message.understood.length === 0;
  details.querySelector("ul").append(...message.understood.map(line));
  return item;
}

function showMessages({ messages, state }) {
  const log = byId("log");
  for (const message of messages) {
    if (message.seq <= lastSeq) continue;
    lastSeq = message.seq;
    log.append(buildMessage(message));
    if (message.author === "patient") fill(byId("typing"), "");
  }
  if (messages.length) log.scrollTop = log.scrollHeight;
  fill(byId("seen"), String(state.patient_seen));
  const changed = state.owner !== page.owner || state.status !== page.status || String(state.shared) !== page.shared;
  byId("changed").hidden = !changed;
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const address = page.page === "queue" ? page.json : `${page.json}?after=${lastSeq}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
    if (answer.ok) (page.page === "queue" ? showRows : showMessages)(await answer.json());
    else byId("changed")?.removeAttribute("hidden");
  } catch {
    byId("lost").hidden = false;
  } finally {
    busy = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function ring(ticket, level, escalation, url) {
  if ((alerted.get(ticket) ?? -1) >= escalation) return;
  alerted.set(ticket, escalation);
  if (!URGENT.includes(level)) return;
  document.title = `(${alerted.size}) URGENT | ${PLAIN_TITLE}`;
  const link = fill(document.createElement("a"), "Open it now");
  link.href = url;
  byId("urgent").replaceChildren(`Urgent: a ${level} conversation needs a person. `, link);
  beep();
}

function beep() {
  if (!audio) return;
  for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.2 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.2);
  }
}

function toggleSound() {
  const on = audio === null;
  if (on) audio = new AudioContext();
  else {
    audio.close();
    audio = null;
  }
  byId("sound").setAttribute("aria-pressed", String(on));
  fill(byId("sound"), on ? "Turn sound off" : "Turn sound on");
  beep();
}

let typingEnds = 0;
function onFrame(frame) {
  const here = frame.conversation_id === page.id;
  const url = `/staff/conversations/${encodeURIComponent(frame.conversation_id ?? "")}/`;
  if (frame.type === "alert") ring(frame.ticket_id, frame.level, frame.escalation ?? 0, url);
  if (frame.type === "typing") {
    if (!here || !byId("typing")) return;
    fill(byId("typing"), "The patient is writing.");
    clearTimeout(typingEnds);
    typingEnds = setTimeout(() => fill(byId("typing"), ""), 6000);
  } else if (frame.type === "queue" || here) refresh();
}

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/staff`);
  socket.onopen = () => {
    tries = 0;
    clearInterval(poll);
    poll = 0;
    byId("lost").hidden = true;
    refresh();
  };
  socket.onmessage = (event) => onFrame(JSON.parse(event.data));
  socket.onclose = () => {
    byId("lost").hidden = false;
    if (!poll) poll = setInterval(refresh, POLL_MS);
    tries += 1;
    setTimeout(connect, Math.min(MAX_WAIT_MS, 500 * 2 ** tries) * (0.5 + Math.random() / 2));
  };
}

function prepareReply() {
  const form = byId("reply");
  if (!form) return;
  const field = form.elements.namedItem("text");
  field.focus();
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    form.querySelector("button").disabled = true;
  });
}

byId("sound").hidden = false;
byId("sound").addEventListener("click", toggleSound);
if (byId("log")) byId("log").scrollTop = byId("log").scrollHeight;
prepareReply();
connect();
