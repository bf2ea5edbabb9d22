// The line to the store: a stream that says at once what happens, and lists that say what is.
//
//   stream opens ──► lists are fetched ──► events as they come ──► lists again, soon after each
//        ▲                                                               and every 15 s
//        └── lost: the browser resumes it; closed by the store: we open it anew
//
// The lists are fetched after the stream has opened, and events that come meanwhile are given
// again after them, so that nothing falls between the two.

import {get, list} from "./api.js";
import {event_types, with_event, with_snapshot} from "./state.js";

const refresh_every_ms = 15_000;
const refresh_soon_ms = 300;
const hiccup_ms = 3_000;  // the store ends each stream after an hour; that is not worth a word
const retry_ms = [1_000, 2_000, 4_000, 8_000, 15_000];
const pending_max = 500;
const recent_ms = 2 * 3600 * 1000;

export class Line {
    #clock;
    #tell;
    #source = null;
    #stream_open = false;
    #lists_good = false;
    #signed_out = false;
    #fetching = false;
    #again = false;
    #failures = 0;
    #soon = null;
    #hiccup = null;
    #reopen = null;
    #pending = [];

    /**
     * `tell`: `session(session)`, `change(state => state, envelope or null)`,
     * `status("live" | "reconnecting" | "signed_out")`, `began_anew()`.
     */
    constructor(clock, tell) {
        this.#clock = clock;
        this.#tell = tell;
        setInterval(() => this.refresh(), refresh_every_ms);
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") this.refresh();
        });
        window.addEventListener("pageshow", event => {
            if (event.persisted) this.refresh();
        });
        window.addEventListener("online", () => this.refresh());
        window.addEventListener("offline", () => this.#lost());
    }

    /** At the start, and after signing in. */
    start() {
        this.#signed_out = false;
        this.#failures = 0;
        this.refresh();
    }

    /** What this page itself brought about, told as an event. */
    happened(envelope) {
        this.#event(envelope, null);
    }

    /** Fetches the lists now; a call during a fetch causes one more. */
    async refresh() {
        if (this.#signed_out) return;
        if (this.#fetching) {
            this.#again = true;
            return;
        }
        this.#fetching = true;
        this.#again = false;
        clearTimeout(this.#soon);
        this.#soon = null;
        this.#pending = [];
        const good = await this.#fetch_lists();
        this.#fetching = false;
        if (this.#signed_out) return;
        if (good) {
            this.#failures = 0;
            this.#lists_good = true;
            if (this.#source === null) this.#open();
            this.#say();
        } else {
            this.#lost();
        }
        if (this.#again && good) this.#refresh_in(refresh_soon_ms);
        else if (!good) this.#refresh_in(retry_ms[Math.min(this.#failures++, retry_ms.length - 1)]);
    }

    async #fetch_lists() {
        const asked = Date.now();
        const session = await get("/api/v1/session");
        if (!this.#worked(session)) return false;
        if (session.body.time && Date.now() - asked < 2_000) this.#clock.exactly(session.body.time);
        this.#tell.session(session.body);

        const since = new Date(this.#clock.now() - recent_ms).toISOString();
        const [visits, recent, returns, targets, figures] = await Promise.all([
            list("/api/v1/visits?state=open&limit=200", "visits"),
            list(`/api/v1/visits?since=${encodeURIComponent(since)}&limit=100`, "visits", 1),
            list("/api/v1/returns?limit=50", "returns", 1),
            list("/api/v1/targets?limit=3", "targets", 1),
            get("/api/v1/figures/today"),
        ]);
        if (![visits, recent, returns, targets, figures].every(answer => this.#worked(answer))) return false;
        for (const visit of visits.body) this.#clock.at_least(visit.left_at ?? visit.opened_at);

        const lists = {visits: visits.body, recent: recent.body, returns: returns.body,
                       targets: targets.body, figures: figures.body};
        const meanwhile = this.#pending;
        this.#tell.change(state => meanwhile.reduce(with_event, with_snapshot(state, lists)), null);
        return true;
    }

    #worked(answer) {
        // 403: signed in as somebody to whom this page is not given.
        if (answer.status === 401 || answer.status === 403) this.sign_out();
        return answer.ok && answer.body !== null;
    }

    /** Nothing is asked any more until `start`. Any 401, here or elsewhere, comes to this. */
    sign_out() {
        if (this.#signed_out) return;
        this.#signed_out = true;
        this.#close();
        clearTimeout(this.#soon);
        this.#soon = null;
        this.#tell.status("signed_out");
    }

    #refresh_in(ms) {
        if (this.#soon === null) this.#soon = setTimeout(() => this.refresh(), ms);
    }

    // ---- the stream ----

    #open() {
        const source = new EventSource("/api/v1/stream");
        this.#source = source;
        source.onopen = () => {
            this.#stream_open = true;
            clearTimeout(this.#hiccup);
            this.#hiccup = null;
            this.refresh();
        };
        source.onerror = () => {
            if (source !== this.#source) return;
            this.#stream_open = false;
            if (source.readyState === EventSource.CLOSED) {
                this.#source = null;  // the next good refresh opens a new one, or a 401 ends it
                this.#refresh_in(retry_ms[Math.min(this.#failures++, retry_ms.length - 1)]);
            }
            this.#hiccup ??= setTimeout(() => this.#say(), hiccup_ms);
        };
        source.addEventListener("reset", () => {
            this.#tell.began_anew();
            this.refresh();
        });
        for (const type of event_types)
            source.addEventListener(type, message => this.#heard(message));
    }

    #heard(message) {
        let envelope;
        try {
            envelope = JSON.parse(message.data);
        } catch {
            this.refresh();  // the lists will say what it was
            return;
        }
        this.#clock.at_least(envelope.time);
        this.#event(envelope, envelope);
    }

    #event(envelope, news) {
        if (this.#fetching) {
            if (this.#pending.length < pending_max) this.#pending.push(envelope);
            else this.#again = true;
        }
        this.#tell.change(state => with_event(state, envelope), news);
        this.#refresh_in(refresh_soon_ms);
    }

    #close() {
        this.#source?.close();
        this.#source = null;
        this.#stream_open = false;
    }

    // No answer came: a stream that says nothing is not trusted either. It is opened anew.
    #lost() {
        this.#lists_good = false;
        this.#close();
        this.#say();
    }

    #say() {
        if (this.#signed_out) return;
        if (this.#stream_open && this.#lists_good) this.#tell.status("live");
        else if (!this.#lists_good || this.#hiccup !== null) this.#tell.status("reconnecting");
    }
}
