// Signing in: the token goes to the store once and comes back as a cookie that no script can read.

import {post} from "./api.js";
import {one, say} from "./dom.js";

export class SignIn {
    #view;
    #signed_in;
    #word = null;  // view => words

    /** `signed_in()` is called when the store has accepted the token. */
    constructor(view, signed_in) {
        this.#view = view;
        this.#signed_in = signed_in;
        one("#sign-in-form").addEventListener("submit", event => {
            event.preventDefault();
            this.#send();
        });
    }

    show() {
        say(one("#sign-in-result"), this.#word?.(this.#view()) ?? "");
    }

    focus() {
        one("#sign-in-token").focus();
    }

    async #send() {
        const field = one("#sign-in-token");
        const token = field.value.trim();
        if (token === "") {
            field.focus();
            return;
        }
        const button = one("#sign-in-button");
        button.disabled = true;
        const answer = await post("/api/v1/session", {token});
        button.disabled = false;
        if (answer.ok) {
            field.value = "";
            this.#word = null;
            this.#signed_in();
        } else {
            const silent = answer.status === 0 || answer.status >= 500;
            this.#word = ({text}) => (silent ? text.sign_in_no_answer : text.sign_in_wrong);
            field.select();
            field.focus();
        }
        this.show();
    }
}
