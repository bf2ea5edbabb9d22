// A store of our own: the real raitend in a folder that is thrown away, with time that moves only
// with the events it is told.

import {spawn, spawnSync} from "node:child_process";
import {createHash, randomBytes} from "node:crypto";
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";

const ready_ms_max = 20_000;
const stop_ms_max = 20_000;

const free_port = () => new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
        const {port} = server.address();
        server.close(() => resolve(port));
    });
});

const readers = {door: "entrance", hall: "floor", mirror: "fitting", till: "register"};

const config = (folder, port) => `
[store]
tenant = "kumo"
store = "ginza"
device = "box-1"
timezone = "Asia/Tokyo"
currency = "JPY"

[engine]
clock = "events"

[identity]
token_key = "${folder}/token.key"

[ledger]
path = "${folder}/raiten.db"

[http]
listen = "127.0.0.1:${port}"
socket = ""
tokens_file = "${folder}/api-tokens"

[campaigns]
dir = "${folder}/campaigns"

[log]
level = "warning"
${Object.entries(readers).map(([name, zone]) => `
[[reader]]
name = "${name}"
zone = "${zone}"
driver = "api"
passive = true
`).join("")}`;

export class Store {
    /**
     * `program`: raitend, with raitenctl beside it. `campaigns`: campaign objects. `past`: what was
     * before, {members, receipts, until}: two lists in CSV, and the moments between which nights are.
     */
    static async open(program, campaigns, past) {
        const folder = mkdtempSync(join(tmpdir(), "raiten-kiosk-"));
        const store = new Store(program, folder, await free_port());
        mkdirSync(join(folder, "campaigns"));
        for (const each of campaigns)
            writeFileSync(join(folder, "campaigns", `${each.id}.json`), JSON.stringify(each));
        writeFileSync(join(folder, "token.key"), randomBytes(32).toString("hex"), {mode: 0o600});
        const lines = Object.entries(store.tokens).map(([role, token]) =>
            `${role} test-${role} ${createHash("sha256").update(token).digest("hex")}\n`);
        writeFileSync(join(folder, "api-tokens"), lines.join(""), {mode: 0o600});
        writeFileSync(join(folder, "raiten.toml"), config(folder, store.port));
        if (past) store.#live(past);
        await store.start();
        return store;
    }

    #live({members, receipts, until}) {
        const file = (name, text) => {
            writeFileSync(join(this.folder, name), text);
            return join(this.folder, name);
        };
        const tool = (words, input) => {
            const all = [...words, "--config", join(this.folder, "raiten.toml")];
            const ran = spawnSync(join(dirname(this.program), "raitenctl"), all, {
                input, encoding: "utf8", env: {...process.env, STATE_DIRECTORY: this.folder},
            });
            if (ran.status !== 0)
                throw new Error(`raitenctl ${all.join(" ")}: ${ran.status} ${ran.error ?? ran.stderr}`);
        };
        tool(["import", "members", file("members.csv", members)]);
        tool(["import", "receipts", file("receipts.csv", receipts), "--as-of", until[0]]);
        const ticks = until.map(at => `${JSON.stringify({type: "tick", at})}\n`).join("");
        tool(["replay", "--db", join(this.folder, "raiten.db"), "--cards",
              join(this.folder, "cards.csv"), "-"], ticks);
    }

    constructor(program, folder, port) {
        this.program = program;
        this.folder = folder;
        this.port = port;
        this.origin = `http://127.0.0.1:${port}`;
        this.tokens = {
            kiosk: randomBytes(16).toString("hex"),
            admin: randomBytes(16).toString("hex"),
        };
        this.said = "";
    }

    async start() {
        this.child = spawn(this.program, ["--config", join(this.folder, "raiten.toml")], {
            stdio: ["ignore", "pipe", "pipe"],
            env: {...process.env, STATE_DIRECTORY: this.folder},
        });
        const child = this.child;
        this.ended = new Promise(resolve => child.once("exit", resolve));
        child.once("error", error => { this.said += `${error}\n`; });
        for (const stream of [child.stdout, child.stderr])
            stream.on("data", text => { this.said = (this.said + text).slice(-20_000); });
        const until = performance.now() + ready_ms_max;
        while (performance.now() < until && child.exitCode === null) {
            const good = await fetch(`${this.origin}/readyz`).then(r => r.ok, () => false);
            if (good) return;
            await new Promise(resolve => setTimeout(resolve, 50));
        }
        throw new Error(`raitend is not ready; it said:\n${this.said}`);
    }

    async stop() {
        if (this.child.exitCode !== null || this.child.signalCode !== null) return;
        this.child.kill("SIGTERM");
        const impatience = setTimeout(() => this.child.kill("SIGKILL"), stop_ms_max);
        await this.ended;
        clearTimeout(impatience);
    }

    async close() {
        await this.stop();
        rmSync(this.folder, {recursive: true, force: true});
    }

    async #call(method, path, type, body) {
        const reply = await fetch(this.origin + path, {
            method,
            headers: {Authorization: `Bearer ${this.tokens.admin}`, "Content-Type": type},
            body,
        });
        const text = await reply.text();
        if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
        return text === "" ? null : JSON.parse(text);
    }

    get(path) {
        return this.#call("GET", path, "application/json");
    }

    post(path, body) {
        return this.#call("POST", path, "application/json", JSON.stringify(body));
    }

    async enrol(token, member) {
        return (await this.post("/api/v1/members", {member, tokens: [token], consent: true})).member;
    }

    /** Normalised events, in order; each must be accepted. */
    async events(...events) {
        const lines = events.map(event => JSON.stringify(event) + "\n").join("");
        const answer = await this.#call("POST", "/api/v1/events", "application/x-ndjson", lines);
        for (const line of answer.lines)
            if (line.result !== "accepted") throw new Error(JSON.stringify(line));
    }
}
