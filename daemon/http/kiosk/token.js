// What was typed or scanned, as a token; and scans that no field was waiting for. Pure.

const schemes = ["card", "qr", "nfc", "felica", "app"];

/**
 * The token for a check-in, or "" where nothing was typed. Digits are a card, a text with a known
 * scheme is itself, everything else is a code. Full-width digits are digits (Japanese input).
 */
export function token_of(typed) {
    const text = typed.normalize("NFKC").trim();
    if (text === "") return "";
    const digits = text.replace(/[\s-]/g, "");
    if (/^\d+$/.test(digits)) return `card:${digits}`;
    const scheme = /^([a-z]+):\S/.exec(text)?.[1];
    return schemes.includes(scheme) ? text : `qr:${text}`;
}

/** The end of a token, enough to tell two cards apart on the counter. */
export const tail_of = token => token.slice(token.indexOf(":") + 1).slice(-4);

/**
 * Finds scanner input among key presses. A wedge scanner types faster than people, and ends with
 * Enter, which must not press the button that happens to have the focus.
 */
export class Wedge {
    static #between_ms_max = 50;
    static #chars_min = 6;
    static #chars_max = 512;
    #text = "";
    #last_ms = -Infinity;

    /**
     * One key press (`KeyboardEvent.key`) at a time in milliseconds. The scanned text where this
     * Enter ends a scan, else null.
     */
    press(key, at_ms) {
        const quick = at_ms - this.#last_ms <= Wedge.#between_ms_max;
        this.#last_ms = at_ms;
        if (key === "Enter") {
            const text = this.#text;
            this.#text = "";
            return quick && text.length >= Wedge.#chars_min ? text : null;
        }
        if (key.length !== 1) return null;  // Shift and its like come between the characters
        this.#text = (quick ? this.#text : "").slice(1 - Wedge.#chars_max) + key;
        return null;
    }
}
