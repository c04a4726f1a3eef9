/** The pages that cover the conversation for a moment: asking a person, options, deletion and its receipt. */
import { h, setText } from "./dom.js";
import { link, renderMarkdown } from "./markdown.js";

const heading = (text) => h("h2", { tabindex: "-1" }, text);
const alertLine = () => h("p", { class: "bad-text", role: "alert" });

function field(label, type, autocomplete) {
  const input = h("input", { type, autocomplete });
  return { input, node: h("label", {}, label, input) };
}

/** What staff will see, then the choice; contact details only with consent (S-19). */
export function personSheet({ t, state, act }) {
  const { config, available } = state;
  const name = field(t("name"), "text", "name");
  const email = field(t("email"), "email", "email");
  const phone = field(t("phone"), "tel", "tel");
  const consent = h("input", { type: "checkbox" });
  const problem = alertLine();
  const submit = h("button", { type: "submit", class: "main" }, t("share"));
  const read = () => Object.fromEntries(Object.entries({ name, email, phone })
    .map(([key, { input }]) => [key, input.value.trim()]).filter(([, value]) => value));
  async function send(event) {
    event.preventDefault();
    const contact = read();
    const given = Object.keys(contact).length > 0;
    setText(problem, "");
    if (given && !consent.checked) {
      setText(problem, t("contactNeedsConsent"));
      consent.focus();
      return;
    }
    submit.disabled = true;
    const failure = await act.share(given ? { ...contact, consent: true } : undefined);
    submit.disabled = false;
    if (failure) setText(problem, failure);
  }
  const telephone = config?.clinic?.telephone;
  return [
    heading(t("personTitle")),
    h("div", {}, ...renderMarkdown(t("personText"), t)),
    config?.availability?.text && h("p", { class: "meta" }, config.availability.text),
    available === false && telephone && h("p", {}, t("clinicPhone", { clinic: config.clinic.name }),
      link(`tel:${telephone.replace(/[^+\d]/g, "")}`, telephone, t)),
    h("form", { onsubmit: send, novalidate: true },
      h("details", {}, h("summary", {}, t("contact")), h("div", { class: "fields" }, name.node, email.node, phone.node,
        h("label", { class: "tick" }, consent, t("contactConsent")))),
      problem,
      h("div", { class: "pair" }, submit, h("button", { type: "button", onclick: () => act.back() }, t("cancel")))),
  ];
}

/** Everything that is the patient's to do with the chat itself. */
export function optionsSheet({ t, state, act }) {
  const problem = alertLine();
  const done = h("p", { role: "status" });
  const privacy = state.config?.privacy_url;
  return [
    heading(t("optionsTitle")),
    h("div", { class: "list" },
      h("button", { type: "button", onclick: async () => {
        const failure = await act.download();
        setText(problem, failure || "");
        setText(done, failure ? "" : t("downloaded"));
      } }, t("download")),
      h("button", { type: "button", class: "danger", onclick: () => act.sheet("remove") }, t("remove")),
      privacy && h("p", {}, link(privacy, t("privacy"), t)),
      done, problem,
      h("div", {}, h("button", { type: "button", class: "main", onclick: () => act.back() }, t("back")))),
  ];
}

/** The second question before a chat is erased. */
export function removeSheet({ t, act }) {
  const problem = alertLine();
  return [
    heading(t("removeTitle")),
    h("p", {}, t("removeText")),
    problem,
    h("div", { class: "pair" },
      h("button", { type: "button", class: "danger", onclick: async () => setText(problem, (await act.erase()) || "") }, t("remove")),
      h("button", { type: "button", onclick: () => act.back() }, t("cancel"))),
  ];
}

/** What the desk says that it erased, and what it keeps. */
export function receiptSheet({ t, act, detail }) {
  return [
    heading(t("removed")),
    detail.receipt && h("p", {}, t("receipt", { id: detail.receipt })),
    detail.kept?.length > 0 && h("div", {}, h("p", {}, t("kept")), h("ul", {}, ...detail.kept.map((one) =>
      h("li", {}, typeof one === "string" ? one : one.detail || one.text || one.what || "")))),
    h("div", {}, h("button", { type: "button", class: "main", onclick: () => act.again() }, t("again"))),
  ];
}
