// What time it is in the store, whatever the browser's clock says. Pure: both clocks come in.
//
// An answer with the store's time, or an event that has just happened, sets the clock. Any other
// time of the store is a lower bound: the store's clock has been there already.

const offset_form = /(?:Z|([+-])(\d\d):?(\d\d))$/;

/** Minutes ahead of UTC in which an ISO time is written: "…T10:00:00+09:00" -> 540. */
export function offset_minutes(iso) {
    const [, sign, hours, minutes] = offset_form.exec(iso) ?? [];
    if (!sign) return 0;
    return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

export class StoreClock {
    #browser_now;
    #ahead_ms = null;
    #zone = 0;

    /** `browser_now`: milliseconds since 1970, as the browser believes. */
    constructor(browser_now = Date.now) {
        this.#browser_now = browser_now;
    }

    /** Now, by the store. The browser's own time until the store has been heard. */
    now() {
        return this.#browser_now() + (this.#ahead_ms ?? 0);
    }

    /** It is `iso` in the store just now. */
    exactly(iso) {
        const at = this.#parse(iso);
        if (at !== null) this.#ahead_ms = at - this.#browser_now();
    }

    /** It is `iso` in the store already, or later. */
    at_least(iso) {
        const at = this.#parse(iso);
        if (at !== null && at > this.now()) this.#ahead_ms = at - this.#browser_now();
    }

    /** "12:03" on the store's own clock. */
    time_of_day(ms) {
        return new Date(ms + this.#zone * 60_000).toISOString().slice(11, 16);
    }

    /** {month, day} in the store. */
    date_of(ms) {
        const local = new Date(ms + this.#zone * 60_000);
        return {month: local.getUTCMonth() + 1, day: local.getUTCDate()};
    }

    #parse(iso) {
        const at = Date.parse(iso);
        if (Number.isNaN(at)) return null;
        this.#zone = offset_minutes(iso);
        return at;
    }
}
