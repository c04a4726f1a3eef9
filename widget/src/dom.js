/** Building DOM nodes without markup: children are nodes or text, attributes never carry script or style. */

/**
 * @param {string} tag
 * @param {Record<string, any>} [props] `onX` functions become listeners, booleans toggle attributes, `null` is left out.
 * @param {...(Node|string|null|false|undefined)} children Strings become text nodes; empty values are left out.
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child || child === 0));
  return node;
}

/**
 * Sets text only where it changed, so that a live region says a thing once.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
