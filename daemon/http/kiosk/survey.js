// One question for whoever stands here, eleven answers, thanks. Nobody is asked who they are.

import {post} from "./api.js";
import {make, one, say} from "./dom.js";

const score_max = 10;
const thanks_ms = 6_000;
const idle_ms = 60_000;

export class Survey {
    #view;
    #line;
    #dialog = one("#survey");
    #phase = "ask";  // ask, sending, unknown, done
    #unsent = null;  // {score, key} of the answer that nobody has confirmed
    #closing = null;

    /** `view()`: the page's view; `line`: is told when the session has ended. */
    constructor(view, line) {
        this.#view = view;
        this.#line = line;
        one("#survey-open").addEventListener("click", () => this.#ask());
        one("#survey-close").addEventListener("click", () => this.close());
        this.#dialog.addEventListener("close", () => clearTimeout(this.#closing));
        for (let score = 0; score <= score_max; ++score) {
            const button = make("button", "", String(score));
            button.type = "button";
            button.dataset.score = score;
            button.addEventListener("click", () => this.#send(score));
            one("#survey-scores").append(button);
        }
    }

    show() {
        const {text, live, signed_in} = this.#view();
        one("#survey-open").hidden = !signed_in;
        one("#survey-open").disabled = !live;
        const done = this.#phase === "done";
        say(one("#survey-title"), done ? text.survey_thanks : text.survey_ask);
        say(one("#survey-words"), {
            ask: text.survey_note,
            sending: text.survey_sending,
            unknown: text.survey_no_answer,
            done: text.survey_thanks_note,
        }[this.#phase]);
        this.#dialog.dataset.tone = {done: "good", unknown: "bad"}[this.#phase] ?? "calm";
        one("#survey-scale").hidden = done;
        say(one("#survey-close"), this.#phase === "ask" ? text.cancel : text.close);
        for (const button of one("#survey-scores").children) {
            // Whether the last answer was kept is not known: only the same one may be sent again.
            const other = Number(button.dataset.score) !== this.#unsent?.score;
            button.disabled = this.#phase === "sending" || (this.#phase === "unknown" && other);
            button.setAttribute("aria-label", text.survey_score(button.dataset.score));
        }
    }

    close() {
        if (this.#dialog.open) this.#dialog.close();
    }

    #ask() {
        this.#phase = "ask";
        this.#unsent = null;
        this.show();
        this.#dialog.showModal();
        one("#survey-close").focus();
        this.#close_in(idle_ms);
    }

    // The next person must find the question, or nothing: never the last one's.
    #close_in(ms) {
        clearTimeout(this.#closing);
        this.#closing = setTimeout(() => this.close(), ms);
    }

    async #send(score) {
        if (this.#phase === "sending" || this.#phase === "done") return;
        // The same answer goes again under the same key: it counts once.
        this.#unsent ??= {score, key: crypto.randomUUID()};
        const {key} = this.#unsent;
        this.#phase = "sending";
        this.show();
        const answer = await post("/api/v1/surveys", {score}, key);
        if (answer.status === 401) return this.#line.sign_out();
        this.#phase = answer.ok ? "done" : "unknown";
        this.#close_in(answer.ok ? thanks_ms : idle_ms);
        this.show();
        if (this.#dialog.open) one("#survey-close").focus();
    }
}
