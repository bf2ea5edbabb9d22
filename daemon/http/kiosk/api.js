// Requests to the store. The world's errors are values: an answer has `status` 0 where nothing
// came back in time, and `body` null where there was none.

const answer_ms_max = 8_000;
const pages_max = 10;

/** {status, body, ok}. `key` makes a repeated POST harmless. */
export async function call(method, path, {body, key} = {}) {
    const headers = {Accept: "application/json"};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    try {
        const reply = await fetch(path, {
            method,
            headers,
            body: body === undefined ? undefined : JSON.stringify(body),
            signal: AbortSignal.timeout(answer_ms_max),
        });
        const json = /\bjson\b/.test(reply.headers.get("Content-Type") ?? "");
        return {status: reply.status, ok: reply.ok, body: json ? await reply.json() : null};
    } catch {
        return {status: 0, ok: false, body: null};
    }
}

export const get = path => call("GET", path);
export const post = (path, body, key) => call("POST", path, {body, key});

/** All pages of a list, at most `pages_max`, as {status, ok, body: items}. */
export async function list(path, name, pages = pages_max) {
    const items = [];
    let cursor = null;
    for (let page = 0; page < pages; ++page) {
        const more = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const answer = await get(path + more);
        if (!answer.ok || !Array.isArray(answer.body?.[name]))
            return {status: answer.ok ? 502 : answer.status, ok: false, body: answer.body};
        items.push(...answer.body[name]);
        cursor = answer.body.cursor ?? null;
        if (cursor === null) break;
    }
    return {status: 200, ok: true, body: items};
}
