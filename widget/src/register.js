/** What the script tag does: registers the element once, puts it on the page, and offers AskImmune.open() and close(). */
import { AskImmuneElement } from "./element.js";

const NAME = "ask-immune";
const PASSED_ON = ["data-lang", "data-mode", "data-theme", "data-position", "data-desk"];
// Only known while the script runs: the place it came from is the desk.
const script = document.currentScript;

function place() {
  let element = document.querySelector(NAME);
  const fresh = !element;
  if (fresh) element = document.createElement(NAME);
  for (const name of PASSED_ON) {
    if (!element.hasAttribute(name) && script?.hasAttribute(name)) element.setAttribute(name, script.getAttribute(name));
  }
  if (!element.hasAttribute("data-desk") && script?.src) element.setAttribute("data-desk", new URL(script.src).origin);
  if (fresh) document.body.append(element);
  customElements.define(NAME, AskImmuneElement);
  globalThis.AskImmune = Object.freeze({ open: () => element.open(), close: () => element.close(), version: VERSION });
}

// A second copy of the tag finds the first at work and changes nothing.
if (!customElements.get(NAME) && !globalThis.AskImmune) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => customElements.get(NAME) || place());
  else place();
}
