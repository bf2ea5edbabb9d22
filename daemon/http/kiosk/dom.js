// Small hands for the document. Text goes in as text: nothing here makes HTML of data.

export const one = (selector, within = document) => within.querySelector(selector);

/** An element with a class and children: elements or strings. */
export function make(tag, class_name = "", ...children) {
    const element = document.createElement(tag);
    if (class_name) element.className = class_name;
    element.append(...children);
    return element;
}

/** Writes only what changed, so that a screen reader hears nothing twice. */
export function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

export function mark(element, name, value) {
    if (value === null || value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/**
 * Makes the children of `parent` stand for `items`: known ones are kept and moved, so that focus
 * and scroll stay, new ones are made, and the others go. `key(item)` names an item; `create(item)`
 * gives an element whose `update(item)` is called each time.
 */
export function show_list(parent, items, key, create) {
    const known = new Map([...parent.children].map(child => [child.dataset.key, child]));
    let at = parent.firstElementChild;
    for (const item of items) {
        const name = key(item);
        let child = known.get(name);
        known.delete(name);
        if (!child) {
            child = create(item);
            child.dataset.key = name;
        }
        child.update(item);
        if (child === at) at = at.nextElementSibling;
        else parent.insertBefore(child, at);
    }
    for (const child of known.values()) child.remove();
}
