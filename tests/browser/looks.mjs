// What can be checked of a page's looks and manners without an opinion. Runs inside the page.

/** Everything wrong with the page as it is shown now: a list of sentences, empty when good. */
export function faults_of_page() {
    const faults = [];
    const shown = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const named = element => `<${element.localName} id="${element.id}" class="${element.className}">`;

    for (const [role, selector] of [["banner", "header"], ["main", "main"]])
        if (document.querySelectorAll(selector).length !== 1) faults.push(`not one ${role}`);
    if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
    if (!/^(ja|en)$/.test(document.documentElement.lang)) faults.push("no language");
    if (!document.title) faults.push("no title");
    const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`two #${id}`);

    for (const section of document.querySelectorAll("section, dialog, [role=group]")) {
        const by = section.getAttribute("aria-labelledby");
        const label = section.getAttribute("aria-label") ?? document.getElementById(by)?.textContent;
        if (shown(section) && !label) faults.push(`${named(section)} has no name`);
    }
    for (const field of document.querySelectorAll("input"))
        if (shown(field) && !field.labels[0]?.textContent) faults.push(`${named(field)} has no label`);

    const touchable = "button, input, a, [role=button]";
    for (const target of document.querySelectorAll(touchable)) {
        if (!shown(target) || target.classList.contains("skip")) continue;
        const box = target.getBoundingClientRect();
        if (box.width < 44 || box.height < 44)
            faults.push(`${named(target)} is ${box.width} by ${box.height}`);
        const name = target.getAttribute("aria-label") || target.textContent || target.labels?.length;
        if (!name) faults.push(`${named(target)} has no name`);
        if (target.tabIndex > 0) faults.push(`${named(target)} jumps the order`);
    }
    for (const element of document.querySelectorAll("[style]"))
        faults.push(`${named(element)} has a style of its own`);

    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) faults.push("the page is wider than the screen");

    // Contrast by WCAG 2.2, 1.4.3, of every piece of text against what lies behind it.
    const channels = color => (color.match(/[\d.]+/g) ?? []).map(Number);
    const over = (front, back) => {
        const alpha = front[3] ?? 1;
        return [0, 1, 2].map(i => front[i] * alpha + back[i] * (1 - alpha));
    };
    const light = color => {
        const [r, g, b] = color.slice(0, 3).map(c => {
            const part = c / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        const layers = [];
        for (let e = element; e; e = e.parentElement) {
            const color = channels(getComputedStyle(e).backgroundColor);
            layers.push(color);
            if ((color[3] ?? 1) === 1) break;
        }
        return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255]);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !shown(element)) continue;
        if (element.closest(":disabled, .skip, .unseen, script")) continue;
        const style = getComputedStyle(element);
        const back = behind(element);
        const [high, low] = [light(over(channels(style.color), back)), light(back)].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (ratio < (large ? 3 : 4.5))
            faults.push(`"${walker.currentNode.data.trim()}" has contrast ${ratio.toFixed(2)}`);
        if (size < 12) faults.push(`"${walker.currentNode.data.trim()}" is ${size} px small`);
    }
    return faults;
}
