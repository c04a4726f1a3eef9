// Urgent chats: the banner, the window's title and the sound. A chat rings once for each step of its ladder, in one tab.
import { fill, ownAddress } from "./build.js";

const TITLE = document.title;
const KEPT = "askimmune-rung";
const WANTED = "askimmune-sound";
const RED = ["P0", "P1"];
const banner = document.getElementById("alert-banner");
const list = document.getElementById("alert-list");
const words = document.getElementById("alert-words");
const button = document.getElementById("sound");
const rung = new Set(readKept());
let audio = null;
let shown = "";

function readKept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

/** The banner stays as long as an urgent chat has no reply. It changes only when its words do, or it would be read out again and again. */
export function showUrgent(rows) {
  const text = `${rows.length} urgent chat${rows.length === 1 ? "" : "s"} waiting for a reply`;
  document.title = rows.length ? `(${rows.length}) Urgent · ${TITLE}` : TITLE;
  const now = JSON.stringify(rows.map((row) => [row.text, row.url]));
  if (now === shown) return;
  shown = now;
  fill(words, text);
  list.replaceChildren(...rows.map(buildItem));
  banner.hidden = rows.length === 0;
}

function buildItem(row) {
  const item = document.createElement("li");
  const link = fill(document.createElement(row.url ? "a" : "span"), row.text);
  if (row.url) link.href = ownAddress(row.url);
  item.append(link);
  return item;
}

/** Rings for an alert frame of the socket. */
export function ringFor(frame) {
  if (RED.includes(frame.level)) ring(`${frame.ticket_id}:${frame.level}:${frame.escalation ?? 0}`);
}

/** Rings for urgent rows that no frame told of: the page was just opened, or the socket is away. */
export function checkAlerts(rows) {
  for (const row of rows) ringFor(row);
}

function ring(key) {
  if (rung.has(key)) return;
  rung.add(key);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...rung].slice(-200)));
  } catch {
    // Without storage it rings again after a reload, which is the safe side.
  }
  banner.dataset.rings = String(rung.size);
  beep();
}

function beep() {
  if (audio?.state !== "running") return;
  for (const [start, pitch] of [[0, 880], [0.28, 660], [0.56, 880], [0.84, 660]]) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.25 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.22);
  }
}

/** The button says what is true: a browser may hold the sound back until somebody clicks. */
function showSound() {
  const on = audio?.state === "running";
  button.setAttribute("aria-pressed", String(on));
  fill(document.getElementById("sound-words"), on ? "Sound is on" : "Turn sound on");
}

async function turnOn() {
  audio ??= new AudioContext();
  audio.onstatechange = showSound;
  await audio.resume();
  showSound();
}

async function toggle() {
  const on = audio?.state === "running";
  localStorage.setItem(WANTED, on ? "0" : "1");
  if (on) await audio.suspend();
  else {
    await turnOn();
    beep();
  }
  showSound();
}

/** Called once. Where sound was on before, it comes back as soon as the browser allows it. */
export function prepareSound() {
  button.hidden = false;
  button.addEventListener("click", toggle);
  banner.dataset.rings = String(rung.size);
  if (localStorage.getItem(WANTED) !== "1") return;
  turnOn();
  document.addEventListener("pointerdown", (event) => {
    if (localStorage.getItem(WANTED) === "1" && !button.contains(event.target)) turnOn();
  }, { capture: true });
}
