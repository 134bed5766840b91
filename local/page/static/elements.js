// Everything from outside gets into the page through here: as text, never as markup.

/** Makes an element. Children are elements or texts; what is null or false is left out. */
export function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return made;
}

/** Text that somebody else wrote, in a place of its own: its direction turns nothing around it. */
export function foreign(text, name = "span", attributes = {}) {
  return element(name, { ...attributes, class: `foreign ${attributes.class ?? ""}`.trim() }, visible(text));
}

/**
 * Shows what would be invisible or steer the text around it: control and format characters, but for the joiners that
 * some scripts are written with, and halves of characters.
 */
export function visible(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => {
    return `\\u${character.codePointAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Sets a text, and touches nothing where it stands there already. */
export function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

const filled = new WeakMap();

/**
 * Makes a list's children those of `items`, in their order. What has not changed keeps its node, with its focus and
 * whatever is open in it.
 */
export function fill(list, items, keyOf, make) {
  const before = filled.get(list) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    const content = JSON.stringify(item);
    const kept = before.get(key);
    after.set(key, kept?.content === content ? kept : { content, node: make(item) });
  }
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const focusedKey = focused && [...before].find(([, { node }]) => node.contains(focused))?.[0];
  for (const [key, { node }] of before) {
    if (after.get(key)?.node !== node) node.remove();
  }
  let place = list.firstElementChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextElementSibling;
    else list.insertBefore(node, place);
  }
  filled.set(list, after);
  if (focused && document.activeElement !== focused) {
    const node = after.get(focusedKey)?.node;
    const again = node?.contains(focused) ? focused : node?.querySelector("a, button, summary, input");
    again?.focus({ preventScroll: true });
  }
}
