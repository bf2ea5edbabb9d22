// Short names for members. A short name that two members would share is no name: then both are
// written longer, so that nobody is taken for somebody else.

const head_and_tail = (name, chars) =>
    name.length <= 2 * chars + 2 ? name : `${name.slice(0, chars)}…${name.slice(-chars)}`;

/** Map from each pseudonym to what the page calls it: "3f9a…c21b". */
export function short_names(members) {
    const names = new Map();
    let rest = [...new Set(members)];
    for (let chars = 4; rest.length > 0; chars += 2) {
        const shared = new Map();
        for (const member of rest) {
            const short = head_and_tail(member, chars);
            shared.set(short, [...(shared.get(short) ?? []), member]);
        }
        rest = [];
        for (const [short, owners] of shared) {
            if (owners.length === 1) names.set(owners[0], short);
            else rest.push(...owners);
        }
    }
    return names;
}

/** 0 … count - 1: the same for the same member, to give everybody a colour of their own. */
export function tint_of(member, count) {
    let sum = 0;
    for (const char of member) sum = (sum * 31 + char.codePointAt(0)) % 65_521;
    return sum % count;
}
