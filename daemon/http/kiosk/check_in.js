// The check-in box. A card is sent once, under an id of its own; where no answer comes, the number
// stays in the field and goes again under the same id.

import {post} from "./api.js";
import {one, say} from "./dom.js";
import {name_in} from "./moments.js";
import {tail_of, token_of, Wedge} from "./token.js";

const waiting_max = 8;
const result_shown_ms = 60_000;
const chosen_ms = 8_000;

export class CheckIn {
    #view;
    #line;
    #field = one("#check-in-token");
    #waiting = [];
    #busy = false;
    #word = null;    // view => {tone, words}
    #fading = null;
    #unsent = null;  // {token, id} of the one that got no answer
    #chosen = {visit: null, until: 0};

    constructor(view, line) {
        this.#view = view;
        this.#line = line;
        one("#check-in-form").addEventListener("submit", event => {
            event.preventDefault();
            this.#take(this.#field.value);
        });
        this.#listen_for_scans();
    }

    /** Whether a card belongs to the visit that was just checked in. */
    chosen(visit) {
        return visit === this.#chosen.visit && performance.now() < this.#chosen.until;
    }

    show() {
        const word = this.#word?.(this.#view()) ?? {tone: "calm", words: ""};
        const place = one("#check-in-result");
        place.dataset.tone = word.tone;
        say(place, word.words);
    }

    // A scan while the focus is elsewhere must not press what has the focus.
    #listen_for_scans() {
        const wedge = new Wedge();
        document.addEventListener("keydown", event => {
            if (event.target instanceof HTMLInputElement || event.isComposing) return;
            if (event.ctrlKey || event.altKey || event.metaKey) return;
            const scanned = wedge.press(event.key, event.timeStamp);
            if (scanned === null) return;
            event.preventDefault();
            if (!this.#view().signed_in || one("dialog[open]")) return;
            this.#take(scanned);
        }, true);
    }

    #take(typed) {
        const token = token_of(typed);
        if (token === "") {
            this.#field.focus();
            return;
        }
        if (this.#waiting.length >= waiting_max) return;
        const known = this.#unsent?.token === token;
        this.#waiting.push({token, id: known ? this.#unsent.id : crypto.randomUUID()});
        this.#field.value = "";
        this.#work();
    }

    async #work() {
        if (this.#busy) return;
        this.#busy = true;
        while (this.#waiting.length > 0) await this.#send(this.#waiting.shift());
        this.#busy = false;
    }

    async #send(check_in) {
        const {token, id} = check_in;
        const tail = tail_of(token);
        this.#tell(view => ({tone: "calm", words: view.text.check_in_sending(tail)}));
        const answer = await post("/api/v1/checkins", {reader: "kiosk", token, id}, id);
        this.#unsent = null;
        if (answer.ok) {
            this.#accepted(answer.body ?? {});
        } else if (answer.status === 401) {
            this.#tell(null);
            this.#line.sign_out();
        } else if (answer.status === 404) {
            this.#tell(view => ({tone: "bad", words: view.text.check_in_unknown(tail)}));
        } else if (answer.status === 0 || answer.status >= 500) {
            this.#unsent = check_in;
            if (this.#field.value === "") this.#field.value = token.replace(/^(card|qr):/, "");
            this.#tell(view => ({tone: "bad", words: view.text.check_in_no_answer}));
        } else {
            this.#tell(view => ({tone: "bad", words: view.text.check_in_refused(tail)}));
        }
    }

    #accepted({result, visit}) {
        if (result === "left_out") {
            this.#tell(view => ({tone: "calm", words: view.text.check_in_left_out}));
            return;
        }
        this.#chosen = {visit, until: performance.now() + chosen_ms};
        this.#tell(view => {
            const member = view.state.visits.get(visit)?.member;
            const name = member === undefined ? null : name_in(view, member);
            return result === "duplicate"
                ? {tone: "calm", words: view.text.check_in_duplicate(name)}
                : {tone: "good", words: view.text.check_in_accepted(name)};
        });
        this.#line.refresh();
    }

    // A greeting that stands for hours would be read by the wrong person.
    #tell(word) {
        this.#word = word;
        clearTimeout(this.#fading);
        if (word !== null) this.#fading = setTimeout(() => this.#tell(null), result_shown_ms);
        this.show();
    }
}
